//! Packets as bytes, so that a test may send wrong ones too.

pub(crate) const V311: u8 = 4;
pub(crate) const V5: u8 = 5;

pub(crate) fn packet(control: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![control];
    let mut length = body.len();
    loop {
        let low = u8::try_from(length % 128).unwrap();
        length /= 128;
        bytes.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    bytes.extend(body);
    bytes
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = u16::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

/// How a test's client introduces itself.
pub(crate) struct Hello<'a> {
    pub(crate) level: u8,
    pub(crate) id: &'a str,
    pub(crate) clean: bool,
    pub(crate) keep_alive_s: u16,
    /// Topic and payload.
    pub(crate) will: Option<(&'a str, &'a str)>,
    /// Raw properties, MQTT 5 only.
    pub(crate) properties: &'a [u8],
}

impl<'a> Hello<'a> {
    pub(crate) fn new(level: u8, id: &'a str) -> Self {
        Self { level, id, clean: true, keep_alive_s: 60, will: None, properties: &[] }
    }

    pub(crate) fn kept(level: u8, id: &'a str) -> Self {
        // Session Expiry Interval of an hour.
        let properties: &[u8] = if level == V5 { &[0x11, 0, 0, 0x0E, 0x10] } else { &[] };
        Self { clean: false, properties, ..Self::new(level, id) }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut body = text("MQTT");
        let will = if self.will.is_some() { 0b0000_1100 } else { 0 };
        body.extend([self.level, will | u8::from(self.clean) << 1]);
        body.extend(self.keep_alive_s.to_be_bytes());
        if self.level == V5 {
            body.push(u8::try_from(self.properties.len()).unwrap());
            body.extend(self.properties);
        }
        body.extend(text(self.id));
        if let Some((topic, payload)) = self.will {
            if self.level == V5 {
                body.push(0);
            }
            body.extend(text(topic));
            body.extend(text(payload));
        }
        packet(0x10, &body)
    }
}

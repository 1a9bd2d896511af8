//! Amounts of money in whole minor units; no conversion between currencies.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text is not a currency code: give three capital letters, such as `INR`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a currency code of three capital letters")]
pub struct CurrencyError {
    /// The text, cut to a length that can be shown.
    pub text: String,
}

/// A currency by its ISO 4217 code. Checked for its form only, not against the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The Indian rupee; its minor unit is the paisa.
    pub const INR: Self = Self(*b"INR");
    /// The pound sterling; its minor unit is the penny.
    pub const GBP: Self = Self(*b"GBP");
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(CurrencyError { text: text.chars().take(16).collect() }),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&letter| write!(f, "{}", char::from(letter)))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({self})")
    }
}

/// An amount of money, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount in the currency's minor unit: paise, pence.
    pub amount_minor: u64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// `amount_minor` of `currency`.
    #[must_use]
    pub const fn new(amount_minor: u64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} minor units of {}", self.amount_minor, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_three_capital_letters() {
        assert_eq!("INR".parse(), Ok(Currency::INR));
        for text in ["", "inr", "IN", "INRR", "I1R", "₹"] {
            assert!(text.parse::<Currency>().is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<Money>(r#"{"amount_minor":-1,"currency":"INR"}"#).is_err());
    }
}

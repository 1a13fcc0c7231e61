//! A dumped screen as a tree. The agent acts on it, the console inspects with it.
//!
//! Takes the XML of `uiautomator dump` and of the resident driver; knows nothing of how it was fetched.

use std::fmt;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use serde::{Deserialize, Serialize};

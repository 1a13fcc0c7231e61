//! The apps on the phone. An app is screens from data plus a little logic; this file is what an app is made of.

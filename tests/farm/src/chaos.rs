//! The chaos run: a whole farm at work while everything in it is killed, stopped, unplugged and cut off, and the checker
//! that says afterwards whether anything was done twice, or is said to be done and is not.

pub mod checker;
pub mod counts;
pub mod crew;
pub mod facts;
pub mod person;
pub mod plan;
pub mod rack;
pub mod read;
pub mod run;
pub mod work;

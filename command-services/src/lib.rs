//! The write side: each service owns some contexts, takes their commands over HTTP, and has them decided by the owner
//! of the aggregate's partition, here or on another instance.
//!
//! Reading order: [`posts`], [`accounts`] and [`following`] are the routes, one file per context; [`commanding`] is what every route
//! does with a command, and [`reply`] what a client reads of its outcome; [`reserving`] makes a value unique before it
//! is used, and [`bearing`] is how accounts do; [`identity`] is how people log in, and [`access`] the table of who may ask what, which [`beginning`] keeps shut until the log is read; [`bus`] carries commands between instances; [`service`] puts a process together.

pub mod access;
pub mod accounts;
pub mod bearing;
pub mod beginning;
pub mod bus;
pub mod cli;
pub mod commanding;
pub mod following;
pub mod identity;
pub mod openapi;
pub mod posts;
pub mod reply;
pub mod reserving;
pub mod service;
pub mod tasks;

//! The face verification API on this machine.

//! What is written for people: colours and a countdown on a terminal, plain lines elsewhere.

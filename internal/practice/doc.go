// Package practice decides what a therapist may do and what follows from it:
// each function is one thing a person does, such as creating a client or
// withdrawing a consent. It knows rules and order, not SQL and not HTTP.
package practice

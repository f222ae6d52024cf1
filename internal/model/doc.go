// Package model holds the nouns of a practice and their rules: what a client
// is, which role may do which action, what counts as valid, and the kinds of
// error a caller can meet. It does no I/O, reads no clock and imports nothing
// of ours, so every rule in it can be tested with plain values.
package model

// Package audit is the hash chain in which every step can be shown: the
// canonical bytes of an event, its hash over the one before, checkpoints
// signed outside the database, and the verifier. It is pure: no clock, no
// database, no files.
package audit

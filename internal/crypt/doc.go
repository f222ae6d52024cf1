// Package crypt seals what must not be read outside the practice: it holds
// the master keys, wraps one data key per workspace under them, and seals and
// opens single values bound to their place in the database. It does no I/O
// but reading a key file, and it never prints or returns a key.
package crypt

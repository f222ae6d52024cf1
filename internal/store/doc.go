// Package store remembers. It is the only room that speaks SQL, and the only
// one that seals and opens: everything personal leaves it as plain values and
// reaches the database as ciphertext. Rows of a practice are reachable only
// inside Read and Write, with a Scope that this package alone can make, and
// every such call leaves its entry in the audit chain. It must not know HTTP,
// mail or the rules of the practice.
package store

// Package calendar knows how clocks, weeks and calendars behave: what a time
// on the wall means in a zone, when a series recurs, which times of a working
// day are free, and how visits are written as iCalendar text. It decides
// nothing about a practice: who may book, what clashes, what a client may
// read. It does no I/O of its own, reads no clock and knows no store, so every
// rule in it can be tested with plain values.
package calendar

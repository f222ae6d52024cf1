package model

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Limits of a service.
const (
	MaxDescription = 2000
	// MaxServices is how many a practice may have, archived ones too.
	MaxServices = 200
	// MaxServiceMinutes is the longest a visit may last: 24 hours.
	MaxServiceMinutes = 1440
	// MaxBuffer is the longest pause that a service may ask for, in minutes.
	MaxBuffer = 240
	// MaxPrice is the highest price in minor units.
	MaxPrice = 1_000_000_000_00
)

// Service is what a practice offers: a kind of visit with its usual length,
// price and pauses.
type Service struct {
	ID          uuid.UUID
	Name        Text
	Description Text
	// Minutes is how long a visit usually lasts.
	Minutes int
	// Price is in minor units of Currency; nil: none is set.
	Price *int64
	// Currency is an ISO 4217 code, the workspace's when the price was set.
	Currency string
	// BufferBefore and BufferAfter are minutes that stay free around a visit.
	BufferBefore, BufferAfter int
	ArchivedAt                *time.Time
	Version                   int64
	CreatedAt, UpdatedAt      time.Time
}

// Entry implements Listed.
func (s Service) Entry() Entry { return Entry{ID: s.ID, Name: s.Name, Archived: s.ArchivedAt != nil} }

// Priced gives the price its currency: that of the workspace when the price is
// another than before, else the one that it had.
func (s Service) Priced(before *int64, currency string) Service {
	switch {
	case s.Price == nil:
		s.Currency = ""
	case before == nil || *before != *s.Price:
		s.Currency = currency
	}
	return s
}

// ErrManyServices answers one service too many.
var ErrManyServices = tooMany("services", MaxServices)

func tooMany(what string, most int) *Error {
	return &Error{Kind: Invalid, Code: "too_many", Detail: fmt.Sprintf("A practice may have at most %d %s, archived ones too.", most, what)}
}

// Normalize trims and judges the fields that a caller may set.
func (s Service) Normalize() (Service, error) {
	var bad []Field
	s.Name, bad = rule{name: "name", max: MaxName, required: true}.clean(s.Name, bad)
	s.Description, bad = rule{name: "description", max: MaxDescription, lines: true}.clean(s.Description, bad)
	bad = within("default_duration_minutes", s.Minutes, 1, MaxServiceMinutes, bad)
	bad = within("buffer_before_minutes", s.BufferBefore, 0, MaxBuffer, bad)
	bad = within("buffer_after_minutes", s.BufferAfter, 0, MaxBuffer, bad)
	bad = checkPrice(s.Price, bad)
	return s, InvalidFields(bad)
}

// within judges a whole number that has a lowest and a highest value.
func within(name string, v, low, high int, bad []Field) []Field {
	if v < low || v > high {
		bad = append(bad, Field{name, "range", fmt.Sprintf("Must be from %d to %d.", low, high)})
	}
	return bad
}

func checkPrice(price *int64, bad []Field) []Field {
	if price != nil && (*price < 0 || *price > MaxPrice) {
		bad = append(bad, Field{"price", "range", "Must be a price in minor units, not below zero."})
	}
	return bad
}

package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// SealedColumns is the list of all columns that hold ciphertext. Every name,
// contact, free text and address of the product is in one of them; a test
// plants marked values everywhere and searches the raw database for them.
var SealedColumns = []crypt.Place{
	{Table: "workspaces", Column: "name"},
	{Table: "workspaces", Column: "status_reason"},
	{Table: "invitations", Column: "details"},
	{Table: "blacklist", Column: "details"},
	{Table: "users", Column: "profile"},
	{Table: "auth_sessions", Column: "device"},
	{Table: "clients", Column: "contact"},
	{Table: "clients", Column: "history"},
	{Table: "consents", Column: "wording"},
	{Table: "appointments", Column: "details"},
	{Table: "services", Column: "details"},
	{Table: "locations", Column: "details"},
	{Table: "sessions", Column: "draft"},
	{Table: "sessions", Column: "facts"},
	{Table: "session_versions", Column: "content"},
	{Table: "note_templates", Column: "content"},
	{Table: "totp_secrets", Column: "secret"},
	{Table: "passkeys", Column: "credential"},
	{Table: "passkey_ceremonies", Column: "state"},
	{Table: "jobs", Column: "payload"},
}

func place(table, column string, row uuid.UUID) crypt.Place {
	return crypt.Place{Table: table, Column: column, Row: row}
}

// A record is several texts sealed as one value: for each text that is not
// empty a field number, its length and its bytes. Sealing them together costs
// one column and one cipher run a row instead of ten. Numbers are never
// reused; an unknown one is kept out, so that an older program can read on.
type record []byte

func (r *record) put(field byte, v model.Text) {
	if v == "" {
		return
	}
	*r = append(*r, field)
	*r = binary.AppendUvarint(*r, uint64(len(v)))
	*r = append(*r, v...)
}

// each calls fn with every field in the order in which they were put.
func (r record) each(fn func(field byte, v model.Text)) error {
	for len(r) > 0 {
		n, size := binary.Uvarint(r[1:])
		if size <= 0 || n > uint64(len(r)-1-size) { //nolint:gosec // G115: Uvarint read size bytes behind the first
			return errors.New("sealed record is cut")
		}
		end := 1 + size + int(n) //nolint:gosec // G115: bounded by len(r) above
		fn(r[0], model.Text(r[1+size:end]))
		r = r[end:]
	}
	return nil
}

// Field numbers of a client's contact.
const (
	contactFirst byte = iota + 1
	contactLast
	contactEmail
	contactPhone
	contactBirth
	contactAddress
	contactEmergencyName
	contactEmergencyPhone
	contactTag
)

func packContact(c model.Contact) record {
	r := make(record, 0, 256)
	r.put(contactFirst, c.FirstName)
	r.put(contactLast, c.LastName)
	r.put(contactEmail, c.Email)
	r.put(contactPhone, c.Phone)
	r.put(contactBirth, c.DateOfBirth)
	r.put(contactAddress, c.Address)
	r.put(contactEmergencyName, c.EmergencyName)
	r.put(contactEmergencyPhone, c.EmergencyPhone)
	for _, t := range c.Tags {
		r.put(contactTag, t)
	}
	return r
}

func unpackContact(r record) (c model.Contact, err error) {
	err = r.each(func(field byte, v model.Text) {
		switch field {
		case contactFirst:
			c.FirstName = v
		case contactLast:
			c.LastName = v
		case contactEmail:
			c.Email = v
		case contactPhone:
			c.Phone = v
		case contactBirth:
			c.DateOfBirth = v
		case contactAddress:
			c.Address = v
		case contactEmergencyName:
			c.EmergencyName = v
		case contactEmergencyPhone:
			c.EmergencyPhone = v
		case contactTag:
			c.Tags = append(c.Tags, v)
		}
	})
	return c, err
}

// pair is two texts sealed as one value.
type pair struct{ first, second model.Text }

func (p pair) seal(box *crypt.Box, at crypt.Place) ([]byte, error) {
	r := record{}
	r.put(1, p.first)
	r.put(2, p.second)
	return box.Seal(at, r)
}

func openPair(box *crypt.Box, at crypt.Place, sealed []byte) (p pair, err error) {
	raw, err := box.Open(at, sealed)
	if err != nil {
		return p, err
	}
	err = record(raw).each(func(field byte, v model.Text) {
		switch field {
		case 1:
			p.first = v
		case 2:
			p.second = v
		}
	})
	if err != nil {
		return p, fmt.Errorf("open %s.%s: %w", at.Table, at.Column, err)
	}
	return p, nil
}

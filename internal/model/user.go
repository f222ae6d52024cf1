package model

import (
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// User is a person who signs in. The identity is global by e-mail address;
// Role and WorkspaceID say where the person belongs.
type User struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	Email       Text
	FullName    Text
	// Locale is "en" or "he": the language of mails and of the page.
	Locale string
	Role   Role
	// Active is false once the membership is deactivated.
	Active bool
	// Admin says that the person runs the server, besides what they are in a
	// practice; HasFactor that they have a second factor.
	Admin, HasFactor bool
}

// Normalize trims and judges the fields a person can set.
func (u User) Normalize() (User, error) {
	var bad []Field
	u.Email, bad = cleanEmail("email", Text(CanonicalEmail(string(u.Email))), bad)
	if u.Email == "" {
		bad = append(bad, Field{"email", "required", "Must not be empty."})
	}
	if strings.ContainsFunc(string(u.Email), func(c rune) bool { return c > unicode.MaxASCII }) {
		bad = append(bad, Field{"email", "email", "Must be written in plain Latin letters, so that mail can be sent to it."})
	}
	u.FullName, bad = rule{name: "full_name", max: MaxName, required: true}.clean(u.FullName, bad)
	u.Locale = orDefault(u.Locale, "en")
	if !slices.Contains(Locales, u.Locale) {
		bad = append(bad, Field{"locale", "choice", "Must be en or he."})
	}
	return u, InvalidFields(bad)
}

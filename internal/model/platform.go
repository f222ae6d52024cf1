package model

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// DefaultQuota is how many bytes of files a practice may keep.
	DefaultQuota = 10 << 30
	// MaxQuota bounds what the operator can allow.
	MaxQuota = 10 << 40
	// ShredAfter is how long a deleted practice can be brought back.
	ShredAfter = 30 * 24 * time.Hour
)

// ManagedWorkspace is what the operator sees of a practice: never a client, a
// visit or a note.
type ManagedWorkspace struct {
	ID uuid.UUID
	// Name is empty once the data key was destroyed.
	Name   Text
	Status string
	// Reason and StatusAt say why and since when it is suspended or deleted.
	Reason   Text
	StatusAt *time.Time
	// ShredAt is when the data key of a deleted practice is to be destroyed,
	// ShreddedAt when it was.
	ShredAt, ShreddedAt *time.Time
	CreatedAt           time.Time
	Quota               int64 // bytes
	Members             int64 // active ones
	Invitations         int64 // open ones
	LastSeenAt          *time.Time
	Owners              []User
}

// WorkspaceFilter chooses among the practices of a server.
type WorkspaceFilter struct {
	// Query is part of a name, or of an owner's name or address.
	Query  string
	Status string // empty: any
	After  uuid.UUID
	Limit  int
}

// Matches reports whether the practice is among those asked for.
func (f WorkspaceFilter) Matches(w *ManagedWorkspace) bool {
	if f.Status != "" && f.Status != w.Status {
		return false
	}
	typed := CanonicalEmail(f.Query)
	folded := Fold(typed)
	named := func(name Text) bool { return folded != "" && strings.Contains(Fold(string(name)), folded) }
	if typed == "" || named(w.Name) {
		return true
	}
	for _, o := range w.Owners {
		if named(o.FullName) || strings.Contains(string(o.Email), typed) {
			return true
		}
	}
	return false
}

// CheckQuota judges a quota in bytes.
func CheckQuota(bytes int64) error {
	if bytes < 0 || bytes > MaxQuota {
		return InvalidFields([]Field{{"bytes", "range", "Must be from 0 to 10995116277760 (10 TiB)."}})
	}
	return nil
}

// BlacklistEntry keeps an address, or every address of a domain, from signing
// in.
type BlacklistEntry struct {
	ID uuid.UUID
	// Kind is "email" or "domain".
	Kind      string
	Value     Text
	Reason    Text
	AddedBy   uuid.UUID // zero: on the server
	CreatedAt time.Time
}

// Normalize trims and judges what the operator wrote.
func (b BlacklistEntry) Normalize() (BlacklistEntry, error) {
	var bad []Field
	b.Value = Text(strings.TrimPrefix(CanonicalEmail(string(b.Value)), "@"))
	b.Kind = "domain"
	address := "any@" + string(b.Value)
	if strings.Contains(string(b.Value), "@") {
		b.Kind, address = "email", string(b.Value)
	}
	if len(address) > MaxEmail || !ValidEmail(address) || len(MailDomains(address)) == 0 {
		bad = append(bad, Field{"value", "email", "Must be an e-mail address or a domain such as example.com."})
	}
	reason, err := CleanReason(b.Reason, true)
	b.Reason = reason
	return b, JoinInvalid(InvalidFields(bad), err)
}

// MailDomains are the domain of an address and those above it, without the
// last label alone: b.example.com and example.com.
func MailDomains(email string) (all []string) {
	domain := email[strings.LastIndex(email, "@")+1:]
	for strings.Contains(domain, ".") {
		all = append(all, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return all
}

// ServerDay counts what happened on one day, in UTC.
type ServerDay struct {
	Date        time.Time
	Workspaces  int // made
	Members     int // joined
	SignIns     int
	Invitations int // made
}

// ServerMetrics are the numbers of a server.
type ServerMetrics struct {
	Active, Suspended, Deleted      int64 // practices
	Members, Invitations, Blacklist int64
	Days                            []ServerDay
}

// ServerEvent is a step of an admin, or of somebody whom nobody knows, as the
// system's audit chain has it.
type ServerEvent struct {
	Seq        int64
	At         time.Time
	ActorKind  string
	ActorID    uuid.UUID
	ActorEmail Text // of an admin
	Action     string
	Outcome    string
	SubjectID  uuid.UUID
}

// Refusals of the operator's acts.
var (
	ErrOwnWorkspace = &Error{Kind: Conflict, Code: "own_workspace", Detail: "You are a member of this practice. Another admin must do this."}
	ErrOtherName    = &Error{Kind: Invalid, Code: "invalid", Detail: "Some fields are not valid.", Fields: []Field{{"name", "other_name", "Must be the name of the practice, letter for letter."}}}
	ErrWrongStatus  = &Error{Kind: Conflict, Code: "wrong_status", Detail: "The practice is not in a state in which this can be done."}
	ErrBlacklisted  = &Error{Kind: Conflict, Code: "blacklisted", Detail: "This address is on the blacklist."}
	ErrOnBlacklist  = &Error{Kind: Conflict, Code: "already_listed", Detail: "This is on the blacklist already."}
	ErrAdminListed  = &Error{Kind: Conflict, Code: "is_admin", Detail: "A platform admin signs in with this. Take that right away first."}
	ErrShredded     = &Error{Kind: Gone, Code: "shredded", Detail: "The data key of this practice was destroyed. It cannot come back."}
)

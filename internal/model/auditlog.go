package model

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// AuditEntry is an entry of the audit chain with what it says of people today;
// names are looked up when it is read and are never part of the chain.
type AuditEntry struct {
	Seq       int64
	At        time.Time
	ActorKind string // person, system, operator or nobody
	ActorID   uuid.UUID
	Action    string
	Outcome   string
	SubjectID uuid.UUID // zero for a list
	Count     int64
	SessionID uuid.UUID
	RequestID uuid.UUID
	Hash      []byte
	// Actor is the member's name, empty when it was no member of the practice.
	Actor Text
	// Member is the name of the member that the subject is, if it is one.
	Member Text
	// Client is whom the subject is about, zero when it is not about a client
	// that is still here.
	Client     uuid.UUID
	ClientName Text
}

// AuditPlace is a place in the list of audit entries, the latest first.
type AuditPlace struct {
	At  time.Time
	Seq int64
}

// AuditFilter asks for a page of the audit chain, the latest first. What is
// zero does not filter.
type AuditFilter struct {
	From, To  time.Time // at or after From, before To
	ActorKind string
	ActorID   uuid.UUID
	Action    string // a name, or the family before its dot
	Kind      string // "changes", or "looks" at what is there
	SubjectID uuid.UUID
	Outcome   string // an outcome, or "not_ok" for all but ok
	Limit     int
	After     *AuditPlace
}

// OfKind leaves only those names of actions that the filter's kind wants.
func (f AuditFilter) OfKind(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		return f.Kind != "" && slices.Contains(LookNames(), name) != (f.Kind == "looks")
	})
}

// ActionNames are the names in the audit trail that a name or family stands
// for: the name itself, which may be one of an earlier version, and those
// behind its dot.
func ActionNames(action string) []string {
	names := []string{action}
	for _, a := range Actions() {
		if strings.HasPrefix(a.String(), action+".") {
			names = append(names, a.String())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

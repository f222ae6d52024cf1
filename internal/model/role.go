package model

// Role is what a person may be in a workspace.
type Role uint8

// The roles. The last three are never given to a person's membership: System
// is a background job, Operator a named command of the operator, Subscriber
// whoever knows the secret address of a calendar feed.
const (
	Owner Role = iota + 1
	Practitioner
	Assistant
	System
	Operator
	Subscriber
)

var roleNames = [...]string{Owner: "owner", Practitioner: "practitioner", Assistant: "assistant", System: "system", Operator: "operator", Subscriber: "subscriber"}

// String returns the role's name in the API and the database.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return ""
}

// ParseRole returns the role a membership of that name has; ok is false for
// any other name, System and Operator included.
func ParseRole(name string) (r Role, ok bool) {
	for _, r := range []Role{Owner, Practitioner, Assistant} {
		if r.String() == name {
			return r, true
		}
	}
	return 0, false
}

// roles is a set of Role.
type roles uint8

func (s roles) has(r Role) bool { return s&(1<<r) != 0 }

func of(rs ...Role) roles {
	var s roles
	for _, r := range rs {
		s |= 1 << r
	}
	return s
}

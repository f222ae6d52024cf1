package api

import (
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
)

// clientIn is what a client can be created with.
type clientIn struct {
	FirstName      string   `json:"first_name" minLength:"1" maxLength:"255"`
	LastName       string   `json:"last_name" minLength:"1" maxLength:"255"`
	Email          *string  `json:"email,omitempty" format:"email" maxLength:"255"`
	Phone          *string  `json:"phone,omitempty" maxLength:"50"`
	DateOfBirth    *string  `json:"date_of_birth,omitempty" format:"date" doc:"Not in the future, in the workspace's zone."`
	Address        *string  `json:"address,omitempty" maxLength:"1000"`
	MedicalHistory *string  `json:"medical_history,omitempty" maxLength:"10000"`
	EmergencyName  *string  `json:"emergency_contact_name,omitempty" maxLength:"255"`
	EmergencyPhone *string  `json:"emergency_contact_phone,omitempty" maxLength:"50"`
	Notes          *string  `json:"notes,omitempty" maxLength:"10000"`
	Tags           []string `json:"tags,omitempty" maxItems:"30" maxLength:"50"`
}

func (in clientIn) client() model.Client {
	return model.Client{
		Contact: model.Contact{
			FirstName: model.Text(in.FirstName), LastName: model.Text(in.LastName),
			Email: text(in.Email), Phone: text(in.Phone), DateOfBirth: text(in.DateOfBirth), Address: text(in.Address),
			EmergencyName: text(in.EmergencyName), EmergencyPhone: text(in.EmergencyPhone), Tags: texts(in.Tags),
		},
		History: model.History{MedicalHistory: text(in.MedicalHistory), Notes: text(in.Notes)},
	}
}

// clientChange is a partial update.
type clientChange struct {
	FirstName      optional[string]   `json:"first_name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	LastName       optional[string]   `json:"last_name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	Email          optional[string]   `json:"email,omitempty" format:"email" maxLength:"255"`
	Phone          optional[string]   `json:"phone,omitempty" maxLength:"50"`
	DateOfBirth    optional[string]   `json:"date_of_birth,omitempty" format:"date" doc:"Not in the future, in the workspace's zone."`
	Address        optional[string]   `json:"address,omitempty" maxLength:"1000"`
	MedicalHistory optional[string]   `json:"medical_history,omitempty" maxLength:"10000"`
	EmergencyName  optional[string]   `json:"emergency_contact_name,omitempty" maxLength:"255"`
	EmergencyPhone optional[string]   `json:"emergency_contact_phone,omitempty" maxLength:"50"`
	Notes          optional[string]   `json:"notes,omitempty" maxLength:"10000"`
	Tags           optional[[]string] `json:"tags,omitempty" maxItems:"30" maxLength:"50"`
	Version        int64              `json:"version,omitempty" doc:"The version you saw; a stale one answers 409 with the current client."`
}

func (in clientChange) apply(c *model.Client) {
	set(in.FirstName, &c.FirstName)
	set(in.LastName, &c.LastName)
	set(in.Email, &c.Email)
	set(in.Phone, &c.Phone)
	set(in.DateOfBirth, &c.DateOfBirth)
	set(in.Address, &c.Address)
	set(in.MedicalHistory, &c.MedicalHistory)
	set(in.EmergencyName, &c.EmergencyName)
	set(in.EmergencyPhone, &c.EmergencyPhone)
	set(in.Notes, &c.Notes)
	if in.Tags.Set {
		c.Tags = texts(in.Tags.Value)
	}
}

func set(from optional[string], to *model.Text) { *to = model.Text(from.or(string(*to))) }

func text(s *string) model.Text {
	if s == nil {
		return ""
	}
	return model.Text(*s)
}

func texts(in []string) []model.Text {
	out := make([]model.Text, len(in))
	for i, s := range in {
		out[i] = model.Text(s)
	}
	return out
}

// ClientSummary is a client in a list.
type ClientSummary struct {
	ID          string     `json:"id" format:"uuid"`
	FirstName   string     `json:"first_name"`
	LastName    string     `json:"last_name"`
	FullName    string     `json:"full_name"`
	Email       *string    `json:"email"`
	Phone       *string    `json:"phone"`
	DateOfBirth *string    `json:"date_of_birth" format:"date"`
	Tags        []string   `json:"tags"`
	Consented   bool       `json:"consent_status" doc:"True while a consent in the ledger stands."`
	Active      bool       `json:"is_active"`
	ArchivedAt  *time.Time `json:"archived_at"`
	Version     int64      `json:"version"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

// ClientVisits is what the calendar knows of a client.
type ClientVisits struct {
	Next  *time.Time `json:"next_appointment" doc:"The earliest scheduled start from now on."`
	Last  *time.Time `json:"last_appointment" doc:"The latest attended start up to now."`
	Count int        `json:"appointment_count" doc:"Without cancelled ones."`
}

// Client is a client in full.
type Client struct {
	ClientSummary
	ClientVisits

	WorkspaceID    string  `json:"workspace_id" format:"uuid"`
	Address        *string `json:"address"`
	MedicalHistory *string `json:"medical_history" doc:"Null for roles that may not read it."`
	EmergencyName  *string `json:"emergency_contact_name"`
	EmergencyPhone *string `json:"emergency_contact_phone"`
	Notes          *string `json:"notes" doc:"Null for roles that may not read it."`
}

func summaryOf(c *model.Client) ClientSummary {
	s := ClientSummary{
		ID: c.ID.String(), FirstName: string(c.FirstName), LastName: string(c.LastName), FullName: string(c.FullName()),
		Email: nullable(c.Email), Phone: nullable(c.Phone), DateOfBirth: nullable(c.DateOfBirth),
		Tags: make([]string, len(c.Tags)), Consented: c.Consented, Active: c.ArchivedAt == nil,
		ArchivedAt: c.ArchivedAt, Version: c.Version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	for i, t := range c.Tags {
		s.Tags[i] = string(t)
	}
	return s
}

func clientOf(c practice.ClientWithVisits) Client {
	return Client{
		ClientSummary: summaryOf(&c.Client), ClientVisits: ClientVisits{c.Next, c.Last, c.Count},
		WorkspaceID: c.WorkspaceID.String(), Address: nullable(c.Address), MedicalHistory: nullable(c.MedicalHistory),
		EmergencyName: nullable(c.EmergencyName), EmergencyPhone: nullable(c.EmergencyPhone), Notes: nullable(c.Notes),
	}
}

func nullable(t model.Text) *string {
	if t == "" {
		return nil
	}
	s := string(t)
	return &s
}

// currentOf translates the record inside a stale-version conflict.
func currentOf(q *request, v any) any {
	switch v := v.(type) {
	case model.CalendarEntry:
		return appointmentOf(q.session.Scope.Workspace(), &v)
	case practice.ClientWithVisits:
		return clientOf(v)
	case model.Session:
		return sessionOf(&v)
	case model.SessionRef:
		return sessionRefOf(v)
	case model.Template:
		return templateOf(&v)
	case model.Service:
		return serviceOf(v)
	case model.Location:
		return locationOf(v)
	case model.Workspace:
		return workspaceOf(v)
	}
	return nil
}

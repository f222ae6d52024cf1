package api

import (
	"encoding/hex"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
)

// SectionsIn is what can be said in the sections of a note.
type SectionsIn struct {
	Subjective optional[string] `json:"subjective,omitempty" maxLength:"10000"`
	Objective  optional[string] `json:"objective,omitempty" maxLength:"10000"`
	Assessment optional[string] `json:"assessment,omitempty" maxLength:"10000"`
	Plan       optional[string] `json:"plan,omitempty" maxLength:"10000"`
}

func (in SectionsIn) apply(s *model.Sections) {
	set(in.Subjective, &s.Subjective)
	set(in.Objective, &s.Objective)
	set(in.Assessment, &s.Assessment)
	set(in.Plan, &s.Plan)
}

// sessionIn is what a note can be begun with.
type sessionIn struct {
	ClientID      *string    `json:"client_id,omitempty" format:"uuid" doc:"Required without an appointment."`
	AppointmentID *string    `json:"appointment_id,omitempty" format:"uuid" doc:"Your own visit, unless you are the owner. It becomes attended when it is planned and has begun. It has one note at a time; a cancelled one has none."`
	TemplateID    *string    `json:"template_id,omitempty" format:"uuid" doc:"Fills the sections that are not sent."`
	SessionDate   *time.Time `json:"session_date,omitempty" doc:"When the visit was. Left out: the appointment's start, or now."`
	Minutes       *int       `json:"duration_minutes,omitempty" minimum:"0" maximum:"480" doc:"Left out: the appointment's length."`
	SectionsIn
}

func (in sessionIn) session() (model.NewSession, error) {
	var ids idsIn
	n := model.NewSession{SessionDate: in.SessionDate, Minutes: in.Minutes}
	if id := ids.may("client_id", in.ClientID); id != nil {
		n.ClientID = *id
	}
	if id := ids.may("appointment_id", in.AppointmentID); id != nil {
		n.AppointmentID = *id
	}
	if id := ids.may("template_id", in.TemplateID); id != nil {
		n.TemplateID = *id
	}
	in.apply(&n.Sections)
	return n, ids.err()
}

// ContentIn is a partial change of what a note says.
type ContentIn struct {
	SectionsIn
	SessionDate optional[time.Time] `json:"session_date,omitempty" nullable:"false"`
	Minutes     optional[*int]      `json:"duration_minutes,omitempty" minimum:"0" maximum:"480"`
}

func (in ContentIn) change(c *model.SessionContent) {
	in.apply(&c.Sections)
	c.SessionDate = in.SessionDate.or(c.SessionDate)
	c.Minutes = in.Minutes.or(c.Minutes)
}

// sessionChange is a partial update of a draft.
type sessionChange struct {
	ContentIn
	Version int64 `json:"version,omitempty" doc:"The version you saw; required here or as If-Match. A stale one answers 409 with the current note."`
}

// SessionSummary is a note without what it says.
type SessionSummary struct {
	ID            string     `json:"id" format:"uuid"`
	ClientID      string     `json:"client_id" format:"uuid"`
	AppointmentID *string    `json:"appointment_id" format:"uuid"`
	AuthorID      string     `json:"author_id" format:"uuid"`
	Status        string     `json:"status" enum:"draft,signed,entered_in_error"`
	IsDraft       bool       `json:"is_draft"`
	SessionDate   time.Time  `json:"session_date" doc:"When the visit was."`
	Minutes       *int       `json:"duration_minutes"`
	SavedAt       time.Time  `json:"saved_at" doc:"When the draft was last saved."`
	SignedAt      *time.Time `json:"signed_at"`
	AmendedAt     *time.Time `json:"amended_at" doc:"When the newest version was signed, if it is not the first."`
	Versions      int        `json:"versions" doc:"How many versions are signed."`
	Version       int64      `json:"version"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
}

// SessionAppointment is what a note keeps of its appointment.
type SessionAppointment struct {
	_ struct{} `nullable:"true"`

	ID           string    `json:"id" format:"uuid"`
	StartsAt     time.Time `json:"starts_at" doc:"As it was when the note was begun, or signed."`
	EndsAt       time.Time `json:"ends_at"`
	ServiceName  *string   `json:"service_name"`
	LocationName *string   `json:"location_name"`
	Deleted      bool      `json:"deleted" doc:"The appointment is in the trash."`
}

// CopiedLines are lines that were taken over from another note and still
// stand.
type CopiedLines struct {
	From  string `json:"from_session_id" format:"uuid"`
	Lines []int  `json:"lines" doc:"Line numbers, from 1."`
}

// Copied are the marks of a note, section by section.
type Copied struct {
	Subjective []CopiedLines `json:"subjective"`
	Objective  []CopiedLines `json:"objective"`
	Assessment []CopiedLines `json:"assessment"`
	Plan       []CopiedLines `json:"plan"`
}

// Sections are what a note says; null where it says nothing.
type Sections struct {
	Subjective *string `json:"subjective"`
	Objective  *string `json:"objective"`
	Assessment *string `json:"assessment"`
	Plan       *string `json:"plan"`
}

// Session is a note in full.
type Session struct {
	SessionSummary
	Sections

	WorkspaceID  string              `json:"workspace_id" format:"uuid"`
	ClientName   string              `json:"client_name"`
	Appointment  *SessionAppointment `json:"appointment"`
	Copied       Copied              `json:"copied"`
	ErrorReason  *string             `json:"entered_in_error_reason"`
	ErrorAt      *time.Time          `json:"entered_in_error_at"`
	DeletedAt    *time.Time          `json:"deleted_at"`
	DeleteReason *string             `json:"delete_reason"`
	RestoreUntil *time.Time          `json:"restore_until"`
}

func sessionSummaryOf(s *model.Session) SessionSummary {
	return SessionSummary{
		ID: s.ID.String(), ClientID: s.ClientID.String(), AppointmentID: idOrNull(s.AppointmentID), AuthorID: s.AuthorID.String(),
		Status: s.Status, IsDraft: s.Status == model.SessionDraft, SessionDate: s.SessionDate, Minutes: s.Minutes,
		SavedAt: s.SavedAt, SignedAt: s.SignedAt, AmendedAt: s.AmendedAt, Versions: s.Versions,
		Version: s.Version, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
}

// SessionRef tells of the note of an appointment without what it says.
type SessionRef struct {
	ID            string `json:"id"`
	AppointmentID string `json:"appointment_id"`
	AuthorID      string `json:"author_id"`
	Status        string `json:"status"`
	Version       int64  `json:"version"`
}

func sessionRefOf(n model.SessionRef) SessionRef {
	return SessionRef{n.ID.String(), n.AppointmentID.String(), n.AuthorID.String(), n.Status, n.Version}
}

func sectionsOf(s model.Sections) Sections {
	return Sections{nullable(s.Subjective), nullable(s.Objective), nullable(s.Assessment), nullable(s.Plan)}
}

func copiedOf(marks []model.CopiedLines) Copied {
	of := func(section string) []CopiedLines {
		all := []CopiedLines{}
		for _, m := range marks {
			if m.Section == section {
				all = append(all, CopiedLines{m.From.String(), m.Lines})
			}
		}
		return all
	}
	return Copied{of("subjective"), of("objective"), of("assessment"), of("plan")}
}

func sessionOf(s *model.Session) Session {
	out := Session{
		SessionSummary: sessionSummaryOf(s), Sections: sectionsOf(s.Sections), WorkspaceID: s.WorkspaceID.String(),
		ClientName: string(s.ClientName), Copied: copiedOf(s.Copied), DeletedAt: s.DeletedAt,
		DeleteReason: nullable(s.DeleteReason), RestoreUntil: s.RestoreUntil(),
	}
	if f := s.Facts; f != nil && s.AppointmentID != nil {
		out.Appointment = &SessionAppointment{
			ID: s.AppointmentID.String(), StartsAt: f.StartsAt, EndsAt: f.EndsAt, ServiceName: nullable(f.ServiceName),
			LocationName: nullable(f.LocationName), Deleted: s.AppointmentDeleted,
		}
	}
	if v := s.Voided; v != nil {
		out.ErrorReason, out.ErrorAt = nullable(v.Reason), &v.At
	}
	return out
}

// SessionVersion is a note as it was signed.
type SessionVersion struct {
	Sections

	SessionID   string    `json:"session_id" format:"uuid"`
	ClientID    string    `json:"client_id" format:"uuid"`
	Number      int       `json:"number" doc:"From 1; the newest is what the note says now."`
	SessionDate time.Time `json:"session_date"`
	Minutes     *int      `json:"duration_minutes"`
	Copied      Copied    `json:"copied"`
	Reason      *string   `json:"reason" doc:"Why the version before was amended."`
	AuthorID    string    `json:"author_id" format:"uuid"`
	SignedAt    time.Time `json:"signed_at"`
	Hash        string    `json:"hash" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 in hex. The audit entry of the signing carries the same."`
	Intact      bool      `json:"intact" doc:"What is stored still has the hash."`
	Changed     []string  `json:"changed" doc:"What differs from the version before, by the names of the fields."`
}

func versionOf(v *model.SessionVersion) SessionVersion {
	return SessionVersion{
		Sections: sectionsOf(v.Sections), SessionID: v.SessionID.String(), ClientID: v.ClientID.String(), Number: v.Number,
		SessionDate: v.SessionDate, Minutes: v.Minutes, Copied: copiedOf(v.Copied), Reason: nullable(v.Reason),
		AuthorID: v.AuthorID.String(), SignedAt: v.SignedAt, Hash: hex.EncodeToString(v.Hash), Intact: v.Intact(), Changed: []string{},
	}
}

// versionsOf translates versions that are in descending order.
func versionsOf(all []model.SessionVersion) []SessionVersion {
	out := make([]SessionVersion, len(all))
	for i := range all {
		out[i] = versionOf(&all[i])
		if i+1 < len(all) {
			out[i].Changed = append(out[i].Changed, all[i].Changed(all[i+1].SessionContent)...)
		}
	}
	return out
}

// NoteClient is whom a found note is about.
type NoteClient struct {
	ID       string `json:"id" format:"uuid"`
	FullName string `json:"full_name"`
}

// Excerpt is a hit with the words around it.
type Excerpt struct {
	Section string `json:"section" enum:"subjective,objective,assessment,plan"`
	Text    string `json:"text" maxLength:"160" doc:"As it was written; an ellipsis stands for what was left out."`
	Hit     string `json:"hit" doc:"The part of the text that was found."`
}

// NoteMatch is a note in which something was found.
type NoteMatch struct {
	Session  SessionSummary `json:"session"`
	Client   NoteClient     `json:"client"`
	Sections []string       `json:"sections" enum:"subjective,objective,assessment,plan"`
	Excerpts []Excerpt      `json:"excerpts" doc:"The first hit in each of the sections."`
}

// NoteMatches is what a search found.
type NoteMatches struct {
	Matches   []NoteMatch `json:"matches" doc:"The newest visit first."`
	Scanned   int         `json:"scanned" doc:"How many notes were looked into."`
	Truncated bool        `json:"truncated" doc:"There may be more."`
}

func matchesOf(found practice.NoteMatches) NoteMatches {
	out := NoteMatches{Matches: make([]NoteMatch, len(found.Matches)), Scanned: found.Scanned, Truncated: found.Truncated}
	for i := range found.Matches {
		m := &found.Matches[i]
		to := NoteMatch{Session: sessionSummaryOf(&m.Session), Client: NoteClient{m.Session.ClientID.String(), string(m.Session.ClientName)}}
		for _, e := range m.Excerpts {
			to.Sections = append(to.Sections, e.Section)
			to.Excerpts = append(to.Excerpts, Excerpt{e.Section, string(e.Text), string(e.Hit)})
		}
		out.Matches[i] = to
	}
	return out
}

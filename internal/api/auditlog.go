package api

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
)

// AuditPerson is a member that an audit entry names.
type AuditPerson struct {
	_ struct{} `nullable:"true"`

	ID   string `json:"id" format:"uuid"`
	Name string `json:"name" doc:"The name today; it is not in the chain."`
}

// AuditEntry is an entry of the audit chain.
type AuditEntry struct {
	Number    int64        `json:"number" doc:"Its place in the chain, from 1, without gaps."`
	At        time.Time    `json:"at"`
	ActorKind string       `json:"actor_kind" enum:"person,system,operator,nobody" doc:"nobody: somebody who was not signed in."`
	ActorID   *string      `json:"actor_id" format:"uuid"`
	Actor     *AuditPerson `json:"actor" doc:"The member who acted; null for others."`
	Action    string       `json:"action" doc:"A stable name such as client.view."`
	Outcome   string       `json:"outcome" enum:"ok,denied,missing,refused" doc:"denied: the role or the proof did not allow it; missing: there is no such record here; refused: a rule of the record did not allow it."`
	SubjectID *string      `json:"subject_id" format:"uuid" doc:"The record it was about; null for a list."`
	Member    *AuditPerson `json:"member" doc:"The member that the subject is, if it is one."`
	Client    *AuditPerson `json:"client" doc:"The client whom the subject is about, if there is one."`
	Records   int64        `json:"records" doc:"How many records were shown or changed."`
	SessionID *string      `json:"session_id" format:"uuid" doc:"The sign-in behind it."`
	RequestID *string      `json:"request_id" format:"uuid"`
	Hash      []byte       `json:"hash" doc:"SHA-256 over the hash before it and this entry, base64."`
}

func auditEntryOf(e *model.AuditEntry) AuditEntry {
	return AuditEntry{
		Number: e.Seq, At: e.At, ActorKind: e.ActorKind, ActorID: idUnlessZero(e.ActorID), Actor: auditPerson(e.ActorID, e.Actor),
		Action: e.Action, Outcome: e.Outcome, SubjectID: idUnlessZero(e.SubjectID), Member: auditPerson(e.SubjectID, e.Member),
		Client: auditPerson(e.Client, e.ClientName), Records: e.Count, SessionID: idUnlessZero(e.SessionID), RequestID: idUnlessZero(e.RequestID), Hash: e.Hash,
	}
}

func idUnlessZero(id uuid.UUID) *string {
	if id == uuid.Nil {
		return nil
	}
	s := id.String()
	return &s
}

func auditPerson(id uuid.UUID, name model.Text) *AuditPerson {
	if id == uuid.Nil || name == "" {
		return nil
	}
	return &AuditPerson{ID: id.String(), Name: string(name)}
}

type listAuditIn struct {
	From      time.Time `query:"from" doc:"At or after this time."`
	To        time.Time `query:"to" doc:"Before this time."`
	StartDate string    `query:"start_date" maxLength:"40" doc:"Like from; also a plain date, a day of the workspace's zone."`
	EndDate   string    `query:"end_date" maxLength:"40" doc:"Like to; also a plain date, whose day is included."`
	ActorID   string    `query:"actor_id" format:"uuid" doc:"What this member did."`
	ActorKind string    `query:"actor_kind" enum:"system,operator,nobody" doc:"What no member did."`
	Action    string    `query:"action" maxLength:"64" pattern:"^[a-z_]+([.][a-z_]+)*$" doc:"A name such as client.view, or a family such as client."`
	Kind      string    `query:"kind" enum:"changes,looks" doc:"Only what changed something, or only what looked."`
	SubjectID string    `query:"subject_id" format:"uuid" doc:"What was about this record; what was asked for and is not here has no history."`
	Outcome   string    `query:"outcome" enum:"ok,not_ok,denied,missing,refused" doc:"not_ok: all but ok. Left out: all."`
	Limit     int       `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor    string    `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

type auditOut struct {
	Link string `header:"Link" doc:"rel=next when there are more."`
	Body []AuditEntry
}

func (a *API) listAudit(ctx context.Context, sc store.Scope, in *listAuditIn) (*auditOut, error) {
	after, err := auditPlaceOf(in.Cursor)
	if err != nil {
		return nil, err
	}
	f := model.AuditFilter{
		From: in.From, To: in.To, ActorKind: in.ActorKind, ActorID: idOf(in.ActorID), Action: in.Action, Kind: in.Kind,
		SubjectID: idOf(in.SubjectID), Outcome: in.Outcome, Limit: in.Limit, After: after,
	}
	days := model.Days{First: timeOrDate(in.StartDate, &f.From), Last: timeOrDate(in.EndDate, &f.To)}
	page, err := a.o.Practice.ListAudit(ctx, sc, f, days)
	if err != nil {
		return nil, err
	}
	return auditPage(ctx, page), nil
}

func auditPage(ctx context.Context, page practice.AuditPage) *auditOut {
	out := &auditOut{Body: make([]AuditEntry, len(page.Entries))}
	for i := range page.Entries {
		out.Body[i] = auditEntryOf(&page.Entries[i])
	}
	if page.More {
		last := &page.Entries[len(page.Entries)-1]
		out.Link = nextPage(requestOf(ctx).r.URL, auditCursor(last.At, last.Seq))
	}
	return out
}

// auditCursor is a time in microseconds and a number in the chain.
func auditCursor(at time.Time, seq int64) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(raw, uint64(seq))) //nolint:gosec // G115: numbers are positive
}

func auditPlaceOf(cursor string) (*model.AuditPlace, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no cursor is no place
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != 16 {
		return nil, model.ErrBadCursor
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC() //nolint:gosec // G115: times before 1970 are negative
	if at.Year() < 1 || at.Year() > 9998 {                          // not every database can compare others
		return nil, model.ErrBadCursor
	}
	return &model.AuditPlace{At: at, Seq: int64(binary.BigEndian.Uint64(raw[8:]))}, nil //nolint:gosec // G115: any number is a place
}

type listAccessIn struct {
	ClientPath

	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

func (a *API) listAccess(ctx context.Context, sc store.Scope, in *listAccessIn) (*auditOut, error) {
	after, err := auditPlaceOf(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, err := a.o.Practice.ListAccess(ctx, sc, in.id(), in.Limit, after)
	if err != nil {
		return nil, err
	}
	return auditPage(ctx, page), nil
}

func (a *API) exportAccess(ctx context.Context, sc store.Scope, in *ClientPath) (*exportOut, error) {
	entries, err := a.o.Practice.AccessReceipt(ctx, sc, in.id())
	if err != nil {
		return nil, err
	}
	return a.file(ctx, "text/csv; charset=utf-8", "access", "csv", func(_ context.Context, w io.Writer) error {
		return practice.WriteAccessReceipt(w, entries)
	}), nil
}

func (a *API) exportAudit(ctx context.Context, sc store.Scope, _ *none) (*exportOut, error) {
	chain, err := a.o.Practice.ExportAudit(ctx, sc)
	if err != nil {
		return nil, err
	}
	return a.file(ctx, "application/x-ndjson", "audit-chain", "jsonl", chain.Write), nil
}

// file is an answer that is written piece by piece. When it breaks the
// connection is cut, so that half a file is never taken for a whole one.
func (a *API) file(ctx context.Context, contentType, name, ending string, write func(context.Context, io.Writer) error) *exportOut {
	name += "-" + a.o.Now().UTC().Format(time.DateOnly) + "." + ending
	return &exportOut{
		ContentType: contentType, Disposition: `attachment; filename="` + name + `"`,
		Body: func(hc huma.Context) {
			r, w := humago.Unwrap(hc)
			q := requestOf(r.Context())
			long, cancel := context.WithTimeout(context.WithoutCancel(ctx), finish)
			defer cancel()
			end, _ := long.Deadline()
			if err := http.NewResponseController(w).SetWriteDeadline(end); err != nil {
				a.o.Log.Debug("write deadline", "request", q.id, "error", err)
			}
			if err := write(long, w); err != nil {
				a.o.Log.Error("file cut", "request", q.id, "error", err)
				panic(http.ErrAbortHandler)
			}
		},
	}
}

// Checkpoints are signed ends of a practice's audit chain, the latest last,
// and the key that shows who signed them.
type Checkpoints struct {
	PublicKey   []byte       `json:"public_key" doc:"Ed25519, base64."`
	Checkpoints []Checkpoint `json:"checkpoints"`
}

// Checkpoint is the end of an audit chain at a moment, signed.
type Checkpoint struct {
	WorkspaceID string    `json:"workspace_id" format:"uuid"`
	Seq         int64     `json:"seq" doc:"The number of the chain's last entry."`
	Hash        []byte    `json:"hash"`
	At          time.Time `json:"at"`
	Signature   []byte    `json:"signature" doc:"Ed25519 over all the others; docs/audit-format.md says how."`
}

type checkpointsOut struct{ Body Checkpoints }

func (a *API) listCheckpoints(ctx context.Context, sc store.Scope, _ *none) (*checkpointsOut, error) {
	if err := a.o.Practice.OpenCheckpoints(ctx, sc); err != nil {
		return nil, err
	}
	all, err := a.o.Checkpoints(ctx, sc.Workspace())
	if err != nil {
		return nil, err
	}
	return &checkpointsOut{all}, nil
}

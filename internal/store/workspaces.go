package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/crypt"
	"pazpaz/internal/model"
)

const workspaceSQL = `select name, time_zone, locale, currency, week_start, working_hours,
	retention_years, coalesce(shared_notes, false), coalesce(second_factor_required, false), status, version, created_at from workspaces where id = $1`

// Workspace returns the scope's workspace.
func (tx *ReadTx) Workspace() (model.Workspace, error) {
	w := model.Workspace{ID: tx.scope.workspace}
	var name []byte
	var hours *string
	r, err := tx.query(workspaceSQL)
	err = one(r, err, &name, &w.TimeZone, &w.Locale, &w.Currency, &w.WeekStart, &hours,
		&w.Retention, &w.SharedNotes, &w.SecondFactorRequired, &w.Status, &w.Version, &w.CreatedAt)
	if err != nil {
		return w, fmt.Errorf("workspace: %w", missing(err))
	}
	if w.Hours, err = parseHours(hours); err != nil {
		return w, fmt.Errorf("workspace hours: %w", err)
	}
	raw, err := tx.box.Open(place("workspaces", "name", w.ID), name)
	w.Name = model.Text(raw)
	return w, err
}

func parseHours(text *string) (*model.Hours, error) {
	if text == nil {
		return nil, nil //nolint:nilnil // none were set
	}
	h, err := model.ParseHours(*text)
	return &h, err
}

func formatHours(h *model.Hours) *string {
	if h == nil {
		return nil
	}
	text := h.String()
	return &text
}

const currencySQL = `select currency from workspaces where id = $1`

// Currency is the ISO code in which the workspace sets prices.
func (tx *ReadTx) Currency() (code string, err error) {
	r, err := tx.query(currencySQL)
	if err := one(r, err, &code); err != nil {
		return "", fmt.Errorf("workspace currency: %w", err)
	}
	return code, nil
}

const zoneSQL = `select time_zone from workspaces where id = $1`

// Zone is the workspace's time zone.
func (tx *ReadTx) Zone() (*time.Location, error) {
	today, err := tx.Today()
	return today.Location(), err
}

// Today is the current date in the workspace's zone.
func (tx *ReadTx) Today() (time.Time, error) {
	var w model.Workspace
	r, err := tx.query(zoneSQL)
	if err := one(r, err, &w.TimeZone); err != nil {
		return time.Time{}, fmt.Errorf("workspace zone: %w", err)
	}
	return w.Today(tx.now)
}

const updateWorkspaceSQL = `update workspaces set name = $2, time_zone = $3, locale = $4, currency = $5, week_start = $6,
	working_hours = $7, retention_years = $8, shared_notes = $9, version = version + 1
	where id = $1 and version = $10 returning version`

// UpdateWorkspace stores the settings over the version they carry.
func (tx *Tx) UpdateWorkspace(w model.Workspace) (model.Workspace, error) {
	name, err := tx.box.Seal(place("workspaces", "name", w.ID), []byte(w.Name))
	if err != nil {
		return w, err
	}
	r, err := tx.query(updateWorkspaceSQL, name, w.TimeZone, w.Locale, w.Currency, w.WeekStart,
		formatHours(w.Hours), w.Retention, w.SharedNotes, w.Version)
	if err := one(r, err, &w.Version); err != nil {
		return w, fmt.Errorf("update workspace: %w", err)
	}
	tx.about(w.ID)
	return w, nil
}

const requireFactorSQL = `update workspaces set second_factor_required = $2 where id = $1`

// RequireSecondFactor says whether members must have a second factor. It is
// no change of the settings that others may have open.
func (tx *Tx) RequireSecondFactor(required bool) error {
	if _, err := tx.exec(requireFactorSQL, required); err != nil {
		return fmt.Errorf("require second factor: %w", err)
	}
	tx.about(tx.scope.workspace)
	return nil
}

// SwitchedSharing leaves in the audit chain that practitioners may read each
// other's notes from now on, or no longer.
func (tx *Tx) SwitchedSharing() { tx.also(model.WorkspaceSharing, tx.scope.workspace, 1) }

const anyWorkspaceSQL = `select 1 from workspaces limit 1`

// HasWorkspace reports whether any workspace exists: the first start is over.
func (s *Store) HasWorkspace(ctx context.Context) (bool, error) {
	var n int64
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, anyWorkspaceSQL)
		return one(r, err, &n)
	})
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

const insertWorkspaceSQL = `insert into workspaces
	(id, name, time_zone, locale, currency, week_start, status, clients_rev, version, created_at)
	values ($1, $2, $3, $4, $5, $6, 'active', 0, 1, $7)`

// CreateWorkspace adds a workspace with its data key and audit chain.
func (tx *PlatformTx) CreateWorkspace(w model.Workspace) error {
	box, err := tx.store.newBox(tx.ctx, tx.c, w.ID, tx.now)
	if err != nil {
		return err
	}
	name, err := box.Seal(crypt.Place{Table: "workspaces", Column: "name", Row: w.ID}, []byte(w.Name))
	if err != nil {
		return err
	}
	_, err = tx.c.exec(tx.ctx, insertWorkspaceSQL, w.ID, name, w.TimeZone, w.Locale, w.Currency, w.WeekStart, tx.now)
	if err != nil {
		return fmt.Errorf("insert workspace: %w", err)
	}
	if err := tx.c.enter(tx.ctx, w.ID); err != nil {
		return fmt.Errorf("enter workspace: %w", err)
	}
	if _, err := tx.c.exec(tx.ctx, insertHeadSQL, w.ID, int64(0), audit.Genesis()); err != nil {
		return fmt.Errorf("start audit chain: %w", err)
	}
	e := audit.Event{ActorKind: audit.Operator, Action: model.WorkspaceCreate.String(), Outcome: audit.OK, SubjectID: w.ID, RequestID: tx.scope.request}
	return tx.record(w.ID, e)
}

// ErrSetupDone answers a setup when a workspace exists already.
var ErrSetupDone = &model.Error{Kind: model.Conflict, Code: "setup_done", Detail: "This server was set up before. Sign in."}

// RequireEmpty fails with ErrSetupDone when any workspace exists. Two setups
// at once queue behind the system's audit chain, so only one passes.
func (tx *PlatformTx) RequireEmpty() error {
	if _, err := lockChain(tx.ctx, tx.c, system); err != nil {
		return err
	}
	var n int64
	r, err := tx.c.query(tx.ctx, anyWorkspaceSQL)
	switch err := one(r, err, &n); {
	case err == nil:
		return ErrSetupDone
	case errors.Is(err, errNoRow):
		return nil
	default:
		return err
	}
}

const insertUserSQL = `insert into users (id, email_key, profile, locale, created_at) values ($1, $2, $3, $4, $5)`

const insertMemberSQL = `insert into members (workspace_id, user_id, role, active, created_at) values ($1, $2, $3, true, $4)`

// ErrEmailTaken answers a new user whose address another one signs in with.
var ErrEmailTaken = &model.Error{Kind: model.Conflict, Code: "email_taken", Detail: "Somebody signs in with this e-mail address already."}

// AddMember adds a person with a membership of u.WorkspaceID.
func (tx *PlatformTx) AddMember(u model.User) error {
	if err := tx.addUser(u); err != nil {
		return err
	}
	return tx.addMembership(u)
}

// addUser adds a person who belongs to no practice yet.
func (tx *IdentityTx) addUser(u model.User) error {
	profile, err := pair{u.Email, u.FullName}.seal(tx.box, place("users", "profile", u.ID))
	if err != nil {
		return err
	}
	_, err = tx.c.exec(tx.ctx, insertUserSQL, u.ID, emailKey(tx.box, string(u.Email)), profile, u.Locale, tx.now)
	if err != nil && tx.store.eng.class(err) == uniqueError {
		return ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	return nil
}

func (tx *IdentityTx) addMembership(u model.User) error {
	if _, err := tx.c.exec(tx.ctx, insertMemberSQL, u.WorkspaceID, u.ID, u.Role.String(), tx.now); err != nil {
		return fmt.Errorf("insert member: %w", err)
	}
	return nil
}

// emailKey is the keyed hash by which a sign-in address is found.
func emailKey(box *crypt.Box, email string) []byte {
	return box.Lookup("sign-in e-mail", []byte(model.CanonicalEmail(email)))
}

package store

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const (
	invitedPracticesSQL = invitationCols + ` where i.invited_by is null and i.accepted_at is null and i.revoked_at is null order by i.created_at desc, i.id`
	operatorInviteSQL   = invitationCols + ` where i.id = $1 and i.invited_by is null and i.accepted_at is null and i.revoked_at is null`
)

// PlatformInvitations returns the open invitations of the operator, those that
// are too old as well, the newest first.
func (s *Store) PlatformInvitations(ctx context.Context, sc PlatformScope) (all []model.Invitation, err error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	tx := IdentityTx{box: box}
	err = s.look(ctx, sc, model.PlatformInvitations, uuid.Nil, func(c conn) error {
		r, err := c.query(ctx, invitedPracticesSQL)
		all, err = collect(r, err, tx.scanInvitation)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("invitations: %w", err)
	}
	return all, nil
}

// Invitation returns an open invitation of the operator; the error is NotFound.
func (tx *PlatformTx) Invitation(id uuid.UUID) (model.Invitation, error) {
	tx.about(id)
	r, err := tx.c.query(tx.ctx, operatorInviteSQL, id)
	return tx.oneInvitation(r, err)
}

// InsertInvitation invites the owner of a practice that has nobody yet. To the
// operator it may be told that the address is known or on the blacklist.
func (tx *PlatformTx) InsertInvitation(i model.Invitation) (model.Invitation, error) {
	listed, err := tx.Blacklisted(string(i.Email))
	if err != nil {
		return i, err
	}
	if listed {
		return i, model.ErrBlacklisted
	}
	var n int64
	r, err := tx.c.query(tx.ctx, anyMemberSQL, emailKey(tx.box, string(i.Email)))
	if err := missing(one(r, err, &n)); err == nil {
		return i, ErrEmailTaken
	} else if model.KindOf(err) != model.NotFound {
		return i, fmt.Errorf("known address: %w", err)
	}
	tx.about(i.ID)
	return tx.insertInvitation(i)
}

const anyMemberSQL = `select 1 from members m join users u on u.id = m.user_id where u.email_key = $1`

// RenewInvitation ends the link that was mailed; another mail is to come.
func (tx *PlatformTx) RenewInvitation(i model.Invitation) (model.Invitation, error) {
	return tx.renewInvitation(i)
}

const membersOfSQL = `select count(*) from members where workspace_id = $1`

// RevokeInvitation takes an invitation back. The practice goes with it, key and
// all, when nobody has ever joined it.
func (tx *PlatformTx) RevokeInvitation(i model.Invitation) error {
	if err := tx.revokeInvitation(i.WorkspaceID, i.ID); err != nil {
		return err
	}
	var members int64
	r, err := tx.c.query(tx.ctx, membersOfSQL, i.WorkspaceID)
	if err := one(r, err, &members); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	if members > 0 {
		return nil
	}
	return tx.SetStatus(i.WorkspaceID, model.PlatformDelete, Status{Name: "deleted", From: []string{"active", "suspended"}, Shred: true})
}

const activitySQL = `select seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, content, hash
	from audit_events where workspace_id = $1 and seq < $2`

// activityQuery is the statement of a filter and what is bound to it.
func activityQuery(f model.ActivityFilter) (text string, args []any) {
	if f.Before == 0 {
		f.Before = 1 << 62
	}
	text, args = activitySQL, []any{system, f.Before}
	among := func(how string, names []string) {
		if len(names) == 0 {
			return
		}
		text += " and action " + how + " (" + placeholders(len(args)+1, len(names)) + ")"
		for _, name := range names {
			args = append(args, name)
		}
	}
	among("in", f.Actions())
	among("not in", f.LeftOut())
	return text + " order by seq desc limit " + placeholders(len(args)+1, 1), append(args, int64(f.Limit))
}

// PlatformActivity returns the system's audit entries that the filter wants,
// the newest first.
func (s *Store) PlatformActivity(ctx context.Context, sc PlatformScope, f model.ActivityFilter) (all []model.ServerEvent, err error) {
	text, args := activityQuery(f)
	var ids []uuid.UUID
	err = s.look(ctx, sc, model.PlatformActivity, uuid.Nil, func(c conn) error {
		r, err := c.query(ctx, text, args...)
		all, err = collect(r, err, func(r rows) (model.ServerEvent, error) {
			e, err := scanEvent(r, system)
			ids = append(ids, e.ActorID)
			return model.ServerEvent{Seq: e.Seq, At: e.At, ActorKind: e.ActorKind, ActorID: e.ActorID, Action: e.Action, Outcome: e.Outcome, SubjectID: e.SubjectID}, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("activity: %w", err)
	}
	who, err := s.people(ctx, ids)
	for i := range all {
		all[i].ActorEmail = who[all[i].ActorID].Email
	}
	return all, err
}

const personSQL = `select id, profile from users where id = $1`

// people returns those of the ids that are a person's.
func (s *Store) people(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]model.User, error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	who := map[uuid.UUID]model.User{}
	err = s.identityRead(ctx, func(c conn) error {
		for _, id := range ids {
			if _, known := who[id]; known || id == uuid.Nil {
				continue
			}
			r, err := c.query(ctx, personSQL, id)
			found, err := collect(r, err, func(r rows) (model.User, error) { return scanPerson(r, box) })
			if err != nil {
				return err
			}
			for _, u := range found {
				who[id] = u
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return who, nil
}

// Addresses returns the e-mail addresses of those of the ids that are a
// person's, for what the operator is shown.
func (s *Store) Addresses(ctx context.Context, sc PlatformScope, ids []uuid.UUID) (map[uuid.UUID]model.Text, error) {
	if err := sc.admit(model.PlatformUsers); err != nil {
		return nil, err
	}
	who, err := s.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := map[uuid.UUID]model.Text{}
	for id, u := range who {
		all[id] = u.Email
	}
	return all, nil
}

const serverCountsSQL = `select
	(select count(*) from workspaces where status = 'active'), (select count(*) from workspaces where status = 'suspended'),
	(select count(*) from workspaces where status = 'deleted'), (select count(*) from members where active),
	(select count(*) from invitations where accepted_at is null and revoked_at is null), (select count(*) from blacklist)`

// ServerMetrics counts practices, people and sign-ins, for each of the last
// days in UTC. Sign-ins are remembered for 90 days after their end.
func (s *Store) ServerMetrics(ctx context.Context, sc PlatformScope, days int) (m model.ServerMetrics, err error) {
	first := s.now().Truncate(24*time.Hour).AddDate(0, 0, 1-days)
	m.Days = make([]model.ServerDay, days)
	for i := range m.Days {
		m.Days[i].Date = first.AddDate(0, 0, i)
	}
	err = s.look(ctx, sc, model.PlatformMetrics, uuid.Nil, func(c conn) error {
		r, err := c.query(ctx, serverCountsSQL)
		err = one(r, err, &m.Active, &m.Suspended, &m.Deleted, &m.Members, &m.Invitations, &m.Blacklist)
		if err != nil {
			return err
		}
		for _, count := range []struct {
			query string
			add   func(*model.ServerDay)
		}{
			{`select created_at from workspaces where created_at >= $1`, func(d *model.ServerDay) { d.Workspaces++ }},
			{`select created_at from members where created_at >= $1`, func(d *model.ServerDay) { d.Members++ }},
			{`select created_at from auth_sessions where created_at >= $1`, func(d *model.ServerDay) { d.SignIns++ }},
			{`select created_at from invitations where created_at >= $1`, func(d *model.ServerDay) { d.Invitations++ }},
		} {
			if err := byDay(ctx, c, count.query, m.Days, count.add); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return m, fmt.Errorf("metrics: %w", err)
	}
	return m, nil
}

// byDay adds each time that the query returns to its day.
func byDay(ctx context.Context, c conn, query string, days []model.ServerDay, add func(*model.ServerDay)) error {
	r, err := c.query(ctx, query, days[0].Date)
	all, err := collect(r, err, func(r rows) (at time.Time, err error) { return at, r.Scan(&at) })
	for _, at := range all {
		if i := int(at.Sub(days[0].Date) / (24 * time.Hour)); i < len(days) {
			add(&days[i])
		}
	}
	return err
}

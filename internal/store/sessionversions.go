package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const versionsSQL = `select v.number, v.id, v.content, v.hash, v.author_id, v.signed_at, s.client_id
	from session_versions v join sessions s on s.workspace_id = v.workspace_id and s.id = v.session_id
	where v.workspace_id = $1 and v.session_id = $2 order by v.number desc`

// SessionVersions returns the signed versions of a note, the newest first.
func (tx *ReadTx) SessionVersions(session uuid.UUID) ([]model.SessionVersion, error) {
	r, err := tx.query(versionsSQL, session)
	all, err := collect(r, err, func(r rows) (model.SessionVersion, error) {
		v := model.SessionVersion{SessionID: session}
		var number int64
		var id uuid.UUID
		var content []byte
		if err := r.Scan(&number, &id, &content, &v.Hash, &v.AuthorID, &v.SignedAt, &v.ClientID); err != nil {
			return v, err
		}
		v.Number = int(number)
		raw, err := tx.box.Open(place("session_versions", "content", id), content)
		if err != nil {
			return v, err
		}
		said, err := unpackContent(raw)
		v.SessionContent, v.Reason = said.SessionContent, said.reason
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("session versions: %w", err)
	}
	tx.subject, tx.count = session, int64(len(all))
	return all, nil
}

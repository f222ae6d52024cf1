package testkit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Snapshot returns all rows of a workspace, in every table that has a
// workspace_id, as text. Two snapshots are equal when nothing has changed.
func (k *Kit) Snapshot(workspace uuid.UUID) string {
	k.T.Helper()
	q := `select table_name from information_schema.columns where column_name = 'workspace_id' and table_schema = current_schema()`
	if k.Engine == "sqlite" {
		q = `select m.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.name = 'workspace_id'`
	}
	tables := k.DB.Rows(q)
	if len(tables) < 5 {
		k.T.Fatalf("only the tables %v have a workspace", tables)
	}
	all := []string{fmt.Sprintf("workspaces %q", k.DB.Rows("select * from workspaces where id = $1", workspace.String()))}
	for _, table := range tables {
		for _, row := range k.DB.Rows("select * from "+table[0]+" where workspace_id = $1", workspace.String()) {
			all = append(all, fmt.Sprintf("%s %q", table[0], row))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// SnapshotWithoutTrail is Snapshot but for the audit chain, which keeps
// refusals too.
func (k *Kit) SnapshotWithoutTrail(workspace uuid.UUID) string {
	k.T.Helper()
	lines := strings.Split(k.Snapshot(workspace), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "audit_") }), "\n")
}

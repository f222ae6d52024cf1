package statements

const cols = `id, contact`

const constant = `select id from clients where workspace_id = $1`

const beginning = "delete from consents where workspace_id = $1 and id in ("

const notSQL = "selected by hand"

func literal() []string {
	return []string{"update clients set rev = $2 where workspace_id = $1", "select", "update"}
}

func joined(n int, column string) []string {
	const local = "delete from clients where workspace_id = $1"
	return []string{
		`select ` + cols + ` from clients where workspace_id = $1`,
		"select id from clients where workspace_id = $1 and id in (" + placeholders(2, n) + ")",
		"select " + column + " from clients",
		local,
		constant + " and id = $2",
		beginning + placeholders(2, n) + ") and rev = $4",
	}
}

type thing struct{ sql string }

var things = []thing{{sql: "insert into clients (workspace_id) values ($1)"}, {`with x as (select 1) select * from x`}}

func placeholders(int, int) string { return "" }

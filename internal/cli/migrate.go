package cli

import "fmt"

// migrate opens the database, which brings its schema up to date.
func migrate(env Env, args []string) error {
	if err := parse(flags(env, "migrate"), args); err != nil {
		return err
	}
	a, err := openData(env)
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, "The schema is up to date.")
	return a.close()
}

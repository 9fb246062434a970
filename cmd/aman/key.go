package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"aman/api/auth"
	"aman/geo/tracker"
)

type keyCmd struct {
	Add    keyAddCmd    `cmd:"" help:"Add an API key. It is printed once and kept as a hash only."`
	Revoke keyRevokeCmd `cmd:"" help:"Revoke an API key: it stops working within a second."`
}

type keyAddCmd struct {
	storeFlags
	Name    string `arg:"" help:"What the key is for."`
	Role    string `required:"" enum:"admin,analyst,operator,embassy,local_staff,partner,casualty_cell" help:"admin, analyst, operator, embassy, local_staff, partner or casualty_cell."`
	Mission string `placeholder:"CODE" help:"Mission of an embassy or local_staff key."`
	Expires string `placeholder:"DATE" help:"Last day on which it works, as 2027-03-31 (default: never ends)."`
}

// Run adds the key, prints it on stdout and its id on stderr.
func (c *keyAddCmd) Run(ctx context.Context) (err error) {
	role, err := auth.ParseRole(c.Role)
	if err != nil {
		return exitError{2, err}
	}
	var expires time.Time
	if c.Expires != "" {
		day, err := time.Parse(time.DateOnly, c.Expires)
		if err != nil {
			return exitError{2, fmt.Errorf("--expires: %q is not a date like 2027-03-31", c.Expires)}
		}
		expires = day.AddDate(0, 0, 1)
	}
	log := c.logger()
	db, err := c.open(ctx, log)
	if err != nil {
		return err
	}
	defer closing(db, &err)
	ref, err := readReference(ctx, db)
	if err != nil {
		return err
	}
	mission, err := ref.mission(c.Mission)
	if err != nil {
		return err
	}
	accounts, err := auth.NewAccounts(db, time.Now, log)
	if err != nil {
		return err
	}
	secret, k, err := accounts.CreateKey(ctx, auth.NewKey{Name: c.Name, Role: role, Mission: mission, ExpiresAt: expires}, tracker.Audit{Role: "command"})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "key %s (%s); it is shown this once:\n", k.ID, k.Role)
	_, err = fmt.Println(secret)
	return err
}

type keyRevokeCmd struct {
	storeFlags
	ID string `arg:"" help:"The key's id, as printed when it was added."`
}

// Run revokes the key.
func (c *keyRevokeCmd) Run(ctx context.Context) (err error) {
	id, err := tracker.ParseID(c.ID)
	if err != nil {
		return exitError{2, err}
	}
	db, err := c.open(ctx, c.logger())
	if err != nil {
		return err
	}
	defer closing(db, &err)
	err = db.RevokeKey(ctx, id, tracker.Audit{Role: "command", Action: "key.revoke", Object: "key " + id.String()})
	if errors.Is(err, tracker.ErrNotFound) {
		return fmt.Errorf("there is no key %s", id)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Printf("revoked %s\n", id)
	return err
}

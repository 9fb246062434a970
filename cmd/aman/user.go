package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"aman/api/auth"
	"aman/geo/tracker"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add an account. The password is asked for, at least 15 characters."`
	List    userListCmd    `cmd:"" help:"List the accounts."`
	Disable userDisableCmd `cmd:"" help:"Disable an account: its sessions end and the keys that it made stop working."`
}

type userAddCmd struct {
	storeFlags
	Login         string `arg:"" help:"a-z 0-9 . _ @ -"`
	Role          string `required:"" enum:"admin,analyst,operator,embassy,local_staff,partner,casualty_cell" help:"admin, analyst, operator, embassy, local_staff, partner or casualty_cell."`
	Mission       string `placeholder:"CODE" help:"Mission of an embassy or local_staff account."`
	Name          string `help:"Name as shown (default: the login)."`
	PasswordStdin bool   `help:"Read the password from the first line of stdin."`
}

// Run adds the account.
func (c *userAddCmd) Run(ctx context.Context) (err error) {
	role, err := auth.ParseRole(c.Role)
	if err != nil {
		return exitError{2, err}
	}
	password, err := c.password()
	if err != nil {
		return err
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
	if c.Name == "" {
		c.Name = c.Login
	}
	a, err := accounts.Create(ctx, auth.NewAccount{
		Login: c.Login, Name: c.Name, Password: password, Role: role, Mission: mission,
	}, tracker.Audit{Role: "command"})
	if errors.Is(err, tracker.ErrConflict) {
		return fmt.Errorf("the login %q is taken", auth.NormalLogin(c.Login))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Printf("added %s (%s)\n", a.Login, a.Role)
	return err
}

// password asks twice on a terminal, or reads one line.
func (c *userAddCmd) password() (string, error) {
	if c.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		return "", exitError{2, errors.New("there is no terminal to ask for the password: use --password-stdin")}
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(os.Stderr, prompt)
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return string(b), nil
	}
	first, err := ask(fmt.Sprintf("Password (at least %d characters): ", auth.MinPassword))
	if err != nil {
		return "", err
	}
	again, err := ask("Again: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", errors.New("the two passwords differ")
	}
	return first, nil
}

type userListCmd struct {
	storeFlags
}

// Run prints a table.
func (c *userListCmd) Run(ctx context.Context) (err error) {
	db, err := c.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer closing(db, &err)
	all, err := db.Accounts(ctx)
	if err != nil {
		return err
	}
	ref, err := readReference(ctx, db)
	if err != nil {
		return err
	}
	codes := map[tracker.ID]string{}
	for _, m := range ref.missions {
		codes[m.ID] = m.Code
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LOGIN\tROLE\tMISSION\tSTATE\tCREATED\tNAME")
	for _, a := range all {
		state := "active"
		if a.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Role, codes[a.Mission], state, a.CreatedAt.UTC().Format(time.RFC3339), a.Name)
	}
	return t.Flush()
}

type userDisableCmd struct {
	storeFlags
	Login string `arg:"" help:"The account."`
}

// Run disables the account.
func (c *userDisableCmd) Run(ctx context.Context) (err error) {
	db, err := c.open(ctx, c.logger())
	if err != nil {
		return err
	}
	defer closing(db, &err)
	login := auth.NormalLogin(c.Login)
	err = db.DisableAccount(ctx, login, tracker.Audit{Role: "command", Action: "account.disable", Object: "account"})
	if errors.Is(err, tracker.ErrNotFound) {
		return fmt.Errorf("there is no account %q", login)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Printf("disabled %s\n", login)
	return err
}

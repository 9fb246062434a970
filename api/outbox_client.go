package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"aman/api/intake"
)

// messenger sends to the lines of one provider. Its methods may be called from any
// goroutine; their errors are *sendError and hold nothing of what was said, whom it was
// said to, or by which token.
type messenger interface {
	// say sends one message to a line, by its key.
	say(ctx context.Context, to string, r intake.Reply) error
	// acknowledge tells a provider that a button's press was seen.
	acknowledge(ctx context.Context, answer string) error
}

// sendError is why a provider didn't take something.
type sendError struct {
	// code is a stable word of ours: blocked, gone, window_closed, refused, too_many,
	// unauthorized, unavailable.
	code string
	// permanent: trying again is of no use.
	permanent bool
	// retry is how long the provider wants to be left alone; 0: it didn't say.
	retry time.Duration
}

func (e *sendError) Error() string { return "send a message: " + e.code }

// failureOf is the sendError in err; anything else is a provider that can't be reached.
func failureOf(err error) *sendError {
	var se *sendError
	if errors.As(err, &se) {
		return se
	}
	return &sendError{code: "unavailable"}
}

const (
	// providerWithin bounds one call to a provider.
	providerWithin = 15 * time.Second
	// providerAnswer is the most bytes of an answer that are read.
	providerAnswer = 1 << 20
)

// providerClient calls one provider and nobody else: it follows no redirect, keeps no
// cookie, and reads no more than a little.
type providerClient struct {
	http   *http.Client
	answer int64
}

// newProviderClient makes a client whose calls take no longer than within, and whose
// answers are read up to answer bytes.
func newProviderClient(within time.Duration, answer int64) *providerClient {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return &providerClient{answer: answer, http: &http.Client{
		Timeout: within,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do implements the Bot API client's HttpClient. The error has no address in it: that
// of the Bot API holds the token.
func (c *providerClient) Do(req *http.Request) (*http.Response, error) {
	res, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, fmt.Errorf("call the provider: %w", err)
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, c.answer), res.Body}
	return res, nil
}

// providerBase checks the address of a provider: https, or plain http on this machine
// for tests and local gateways.
func providerBase(name, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%s: not an address like https://api.example.org", name)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return "", fmt.Errorf("%s: must begin with https", name)
	}
	for len(address) > 0 && address[len(address)-1] == '/' {
		address = address[:len(address)-1]
	}
	return address, nil
}

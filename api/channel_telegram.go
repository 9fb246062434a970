package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/labstack/echo/v4"

	"aman/api/intake"
	"aman/geo/tracker"
)

// TelegramOptions let people write to a Telegram bot; the zero value is off.
type TelegramOptions struct {
	// Token is the bot's, from @BotFather.
	Token string
	// Name is the bot's, without @: links to it are made from it.
	Name string
	// Secret is what Telegram sends along with each update, so that nobody else can
	// send any: 16 to 256 of A-Z a-z 0-9 _ -. Not needed with Poll.
	Secret string
	// API is where the Bot API is; default https://api.telegram.org.
	API string
	// Poll asks for updates in place of having them delivered: for a machine without a
	// public address.
	Poll bool
}

const (
	telegramPath   = "/in/telegram"
	telegramHeader = "X-Telegram-Bot-Api-Secret-Token"
	telegramSource = "telegram"
)

// telegramKinds are the updates that we ask for.
var telegramKinds = []string{
	models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember,
}

var (
	telegramToken  = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{10,100}$`)
	telegramSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)
	telegramName   = regexp.MustCompile(`^[A-Za-z0-9_]{3,64}$`)
)

// telegramChannel takes updates in and sends messages out. A nil one is off.
type telegramChannel struct {
	*Server
	o    TelegramOptions
	bot  *bot.Bot
	http *providerClient // for polling, which waits long and brings much
	hash [32]byte        // of the secret
}

// newTelegram checks the options; nil without any. Errors name the setting, never its
// value.
func newTelegram(s *Server, o TelegramOptions) (*telegramChannel, error) {
	if o == (TelegramOptions{API: o.API, Poll: o.Poll}) {
		return nil, nil
	}
	if o.API == "" {
		o.API = "https://api.telegram.org"
	}
	var err error
	if o.API, err = providerBase("Telegram's address", o.API); err != nil {
		return nil, err
	}
	switch {
	case !telegramToken.MatchString(o.Token):
		return nil, errors.New("telegram's token is missing, or is not like 123456:ABC-DEF")
	case !telegramName.MatchString(o.Name):
		return nil, errors.New("telegram's name of the bot is missing, or is not a name without @")
	case o.Secret == "" && !o.Poll:
		return nil, errors.New("telegram's secret is missing: without polling it tells Telegram from others")
	case o.Secret != "" && !telegramSecret.MatchString(o.Secret):
		return nil, errors.New("telegram's secret is not 16 to 256 of A-Z a-z 0-9 _ -")
	}
	t := &telegramChannel{
		Server: s, o: o, hash: sha256.Sum256([]byte(o.Secret)),
		http: newProviderClient(telegramPollFor+providerWithin, telegramPollBytes),
	}
	t.bot, err = bot.New(o.Token, bot.WithSkipGetMe(), bot.WithServerURL(o.API),
		bot.WithHTTPClient(providerWithin, newProviderClient(providerWithin, providerAnswer)),
		bot.WithErrorsHandler(func(error) {})) // it may quote what was sent
	if err != nil {
		return nil, errors.New("make the Telegram client") // its error may hold the token
	}
	return t, nil
}

// privateTalk is the address of a talk with the bot alone, with a link's code or
// without; empty when the channel is off.
func (t *telegramChannel) privateTalk(code string) string {
	if t == nil {
		return ""
	}
	address := "https://t.me/" + t.o.Name
	if code != "" {
		address += "?start=" + code
	}
	return address
}

// update takes one update that Telegram delivers. The secret is looked at before a
// byte of the body is read.
func (t *telegramChannel) update(c echo.Context) error {
	if t == nil || t.o.Poll {
		return refuse(http.StatusNotFound, "not_found", "There is no such page.")
	}
	given := sha256.Sum256([]byte(c.Request().Header.Get(telegramHeader)))
	if subtle.ConstantTimeCompare(given[:], t.hash[:]) != 1 {
		return errWrongSecret
	}
	body, err := readBody(c.Request())
	if err != nil {
		return err
	}
	if err := t.receive(c.Request().Context(), body); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// errWrongSecret answers whoever calls a webhook without its secret.
var errWrongSecret = refuse(http.StatusUnauthorized, "unauthorized", "This is for the provider alone.")

// receive stores one update and queues what is answered. It is durable when there is
// no error.
func (t *telegramChannel) receive(ctx context.Context, body []byte) error {
	in, ok, err := intake.DecodeTelegram(body, t.o.Name)
	if err != nil {
		return err
	}
	a := answering{channel: tracker.ChannelTelegram, to: in.Thread, answer: in.Answer}
	if ok {
		if a.replies, _, err = t.converse(ctx, telegramSource, in); err != nil {
			return err
		}
	}
	t.replies.put(ctx, in.ID, a)
	return nil
}

// telegramButton is a button under a message. The client's own type sends an empty
// copy_text along with each.
type telegramButton struct {
	Text         string `json:"text"`
	URL          string `json:"url,omitempty"`
	CallbackData string `json:"callback_data,omitempty"`
}

// say implements messenger.
func (t *telegramChannel) say(ctx context.Context, to string, r intake.Reply) error {
	chat, err := strconv.ParseInt(to, 10, 64)
	if err != nil {
		return &sendError{code: "refused", permanent: true}
	}
	off := true
	_, err = t.bot.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: chat, Text: r.Text, ReplyMarkup: telegramMarkup(r), LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
	})
	return telegramFailure(err)
}

// telegramMarkup is what stands under a message: the keyboard that sends the phone's
// place, or buttons, or nothing, for there is room for one alone.
func telegramMarkup(r intake.Reply) models.ReplyMarkup {
	switch {
	case r.AskPlace != "":
		k := models.ReplyKeyboardMarkup{ResizeKeyboard: true, OneTimeKeyboard: true}
		k.Keyboard = append(k.Keyboard, []models.KeyboardButton{{Text: r.AskPlace, RequestLocation: true}})
		for _, row := range r.Rows {
			var keys []models.KeyboardButton
			for _, b := range row {
				keys = append(keys, models.KeyboardButton{Text: b.Label}) // sent as text
			}
			k.Keyboard = append(k.Keyboard, keys)
		}
		return k
	case len(r.Rows) > 0:
		rows := make([][]telegramButton, len(r.Rows))
		for i, row := range r.Rows {
			for _, b := range row {
				rows[i] = append(rows[i], telegramButton{Text: b.Label, URL: b.URL, CallbackData: b.Choice})
			}
		}
		return map[string]any{"inline_keyboard": rows}
	case r.Clear:
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}
	default:
		return nil
	}
}

// acknowledge implements messenger.
func (t *telegramChannel) acknowledge(ctx context.Context, answer string) error {
	_, err := t.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: answer})
	return telegramFailure(err)
}

// telegramFailure reads the client's error. Its text may hold what was sent, so only
// its kind is kept.
func telegramFailure(err error) error {
	var slow *bot.TooManyRequestsError
	var moved *bot.MigrateError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &slow):
		return &sendError{code: "too_many", retry: time.Duration(slow.RetryAfter) * time.Second}
	case errors.As(err, &moved):
		return &sendError{code: "gone", permanent: true}
	case errors.Is(err, bot.ErrorForbidden):
		return &sendError{code: "blocked", permanent: true}
	case errors.Is(err, bot.ErrorBadRequest):
		return &sendError{code: "refused", permanent: true}
	case errors.Is(err, bot.ErrorUnauthorized), errors.Is(err, bot.ErrorNotFound):
		return &sendError{code: "unauthorized"} // the token is wrong: a setting to be mended
	default:
		return &sendError{code: "unavailable"}
	}
}

// run polls, or tells Telegram where to deliver, until ctx ends.
func (t *telegramChannel) run(ctx context.Context) {
	if t.o.Poll {
		t.whileLeased(ctx, telegramLease, t.poll)
		return
	}
	if t.public.Scheme != "https" {
		t.log.WarnContext(ctx, "telegram delivers to https addresses only: set AMAN_PUBLIC_URL, or poll")
		return
	}
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := within(ctx, func(ctx context.Context) error {
			_, err := t.bot.SetWebhook(ctx, &bot.SetWebhookParams{
				URL: t.public.Scheme + "://" + t.public.Host + telegramPath, SecretToken: t.o.Secret, AllowedUpdates: telegramKinds,
			})
			return telegramFailure(err)
		})
		if err == nil {
			return
		}
		t.log.WarnContext(ctx, "telegram was not told where to deliver", "why", failureOf(err).code)
		if !pause(ctx, wait) {
			return
		}
	}
}

// telegramAnswer is the envelope of the Bot API's answers.
type telegramAnswer struct {
	OK          bool              `json:"ok"`
	Result      []json.RawMessage `json:"result"`
	ErrorCode   int               `json:"error_code"`
	Description string            `json:"description"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

func (a *telegramAnswer) err() error {
	switch {
	case a.OK:
		return nil
	case a.ErrorCode == http.StatusTooManyRequests:
		return &sendError{code: "too_many", retry: time.Duration(a.Parameters.RetryAfter) * time.Second}
	case a.ErrorCode == http.StatusUnauthorized, a.ErrorCode == http.StatusNotFound:
		return &sendError{code: "unauthorized"}
	case a.ErrorCode == http.StatusConflict:
		return &sendError{code: "two_pollers"}
	default:
		return fmt.Errorf("telegram answers %d", a.ErrorCode)
	}
}

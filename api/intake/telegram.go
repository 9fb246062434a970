package intake

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-telegram/bot/models"
	"github.com/paulmach/orb"

	"aman/geo/tracker"
)

// MaxTelegramBody is the largest update that is taken in, in bytes.
const MaxTelegramBody = 256 << 10

// longestText is the most characters of a text that is taken in; providers send no
// longer ones (Telegram 4,096, WhatsApp 4,096).
const longestText = 4_096

// ChoicePlace is the Choice of an Inbound in a group where somebody showed everybody
// where they are. The place itself isn't taken in.
const ChoicePlace = "place"

// telegramUpdate is what is read of an update: the envelope is ours, so that a kind of
// message that Telegram makes up tomorrow can't keep the rest from being read.
type telegramUpdate struct {
	ID            int64            `json:"update_id"`
	Message       *telegramMessage `json:"message"`
	EditedMessage *telegramMessage `json:"edited_message"`
	CallbackQuery *struct {
		ID      string           `json:"id"`
		From    models.User      `json:"from"`
		Message *telegramMessage `json:"message"`
		Data    string           `json:"data"`
	} `json:"callback_query"`
	MyChatMember *struct {
		Chat models.Chat `json:"chat"`
		From models.User `json:"from"`
		Date int64       `json:"date"`
		New  struct {
			Status   string `json:"status"`
			IsMember bool   `json:"is_member"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

type telegramMessage struct {
	From          *models.User     `json:"from"`
	Chat          models.Chat      `json:"chat"`
	Date          int64            `json:"date"`
	EditDate      int64            `json:"edit_date"`
	ForwardOrigin json.RawMessage  `json:"forward_origin"`
	Text          string           `json:"text"`
	Caption       string           `json:"caption"`
	Location      *models.Location `json:"location"`
	Venue         *models.Venue    `json:"venue"`
	Contact       *models.Contact  `json:"contact"`
	MigrateTo     int64            `json:"migrate_to_chat_id"`

	// What can't be read, but may be somebody's only way to speak.
	Photo     json.RawMessage `json:"photo"`
	Voice     json.RawMessage `json:"voice"`
	VideoNote json.RawMessage `json:"video_note"`
	Video     json.RawMessage `json:"video"`
	Audio     json.RawMessage `json:"audio"`
	Document  json.RawMessage `json:"document"`
}

// TelegramID is the number of an update, by which a poller moves on; ok is false for
// what isn't an update.
func TelegramID(body []byte) (id int64, ok bool) {
	var u struct {
		ID *int64 `json:"update_id"`
	}
	if json.Unmarshal(body, &u) != nil || u.ID == nil {
		return 0, false
	}
	return *u.ID, true
}

// DecodeTelegram reads one update of the Bot API. bot is our bot's name there, without
// @; commands to others are not ours. ok is false for what is not for us: posts of
// channels, the talk of a group, other bots. Errors: *SyntaxError.
func DecodeTelegram(body []byte, bot string) (in Inbound, ok bool, err error) {
	var u telegramUpdate
	if err := json.Unmarshal(body, &u); err != nil {
		return in, false, notOurs("telegram_update", err)
	}
	if u.ID == 0 {
		return in, false, &SyntaxError{Code: "not_an_update", Detail: "update_id is missing"}
	}
	in = Inbound{Channel: tracker.ChannelTelegram, ID: strconv.FormatInt(u.ID, 10)}
	switch {
	case u.Message != nil:
		ok = in.telegramMessage(u.Message, bot)
	case u.EditedMessage != nil:
		in.Edited = true
		ok = in.telegramMessage(u.EditedMessage, bot)
	case u.CallbackQuery != nil:
		q := u.CallbackQuery
		in.Answer = atMostRunes(q.ID, 64)
		chat := models.Chat{ID: q.From.ID, Type: models.ChatTypePrivate}
		if q.Message != nil && q.Message.Chat.ID != 0 {
			chat = q.Message.Chat
		}
		ok = in.telegramChat(&chat) && in.telegramUser(&q.From) && q.Data != "" && !in.Group
		in.Choice = atMostRunes(clean(q.Data), 64)
	case u.MyChatMember != nil:
		m := u.MyChatMember
		ok = in.telegramChat(&m.Chat) && in.telegramUser(&m.From)
		in.FixedAt = unix(m.Date)
		switch m.New.Status {
		case "kicked", "left":
			in.Gone = true
		case "restricted":
			in.Gone, in.Back = !m.New.IsMember, m.New.IsMember
		default:
			in.Back = true
		}
	}
	return in, ok, nil
}

// notOurs is the error for JSON that isn't what a provider sends. The decoder's own
// error may quote what somebody wrote, so it goes no further than its place.
func notOurs(code string, err error) error {
	var offset int
	if syntax, ok := err.(*json.SyntaxError); ok {
		offset = int(syntax.Offset)
	}
	return &SyntaxError{Code: "not_a_" + code, Offset: offset, Detail: "the body is not what the provider's documentation describes"}
}

// telegramChat sets the line; false for a channel, where nobody in particular speaks.
func (in *Inbound) telegramChat(c *models.Chat) bool {
	in.Thread = strconv.FormatInt(c.ID, 10)
	in.Group = c.Type == models.ChatTypeGroup || c.Type == models.ChatTypeSupergroup
	return c.ID != 0 && (in.Group || c.Type == models.ChatTypePrivate)
}

// telegramUser sets who speaks; false for another bot. Administrators of a group who
// hide speak as a bot of Telegram's own.
func (in *Inbound) telegramUser(u *models.User) bool {
	if in.Group {
		in.Lang = tongue(u.LanguageCode)
		return !u.IsBot || u.Username == "GroupAnonymousBot"
	}
	if u.IsBot {
		return false
	}
	in.Lang = tongue(u.LanguageCode)
	in.Name = nameOf(u.FirstName + " " + u.LastName)
	in.Handle = "telegram:" + strconv.FormatInt(u.ID, 10)
	if u.Username != "" {
		in.Handle = "telegram:@" + atMostRunes(clean(u.Username), 64)
	}
	return true
}

func (in *Inbound) telegramMessage(m *telegramMessage, bot string) bool {
	if !in.telegramChat(&m.Chat) {
		return false
	}
	if m.MigrateTo != 0 {
		in.MovedTo = strconv.FormatInt(m.MigrateTo, 10)
		return in.Group
	}
	if m.From == nil || !in.telegramUser(m.From) {
		return false
	}
	in.FixedAt = unix(max(m.Date, m.EditDate))
	in.Text = clean(m.Text + m.Caption)
	in.telegramOdd(m)
	if in.Group {
		return in.groupMessage(m, bot)
	}
	if len(m.ForwardOrigin) > 0 && string(m.ForwardOrigin) != "null" {
		in.relayed(m)
		return true
	}
	in.telegramPlace(m)
	in.telegramContact(m)
	if command, rest := commandOf(in.Text); command == "start" && !in.Edited {
		in.Start = atMostRunes(rest, 64)
	}
	return true
}

// relayed takes a message that was passed on: where somebody else was, or what they
// said. It is kept for people to read.
func (in *Inbound) relayed(m *telegramMessage) {
	in.Aside = true
	in.Flags |= tracker.FlagLowTrust
	if l := telegramLocation(m); l != nil {
		in.Text = strings.TrimSpace(fmt.Sprintf("%s\n%.5f, %.5f", in.Text, l.Latitude, l.Longitude))
	}
	if m.Venue != nil {
		in.Place = venueText(m.Venue)
	}
	in.telegramContact(m)
	in.Phone = "" // whose it is, nobody vouches for
	if in.Text != "" || in.Place != "" {
		in.Text = "↪ " + in.Text
	}
}

func telegramLocation(m *telegramMessage) *models.Location {
	if m.Venue != nil {
		return &m.Venue.Location
	}
	return m.Location
}

func venueText(v *models.Venue) string {
	return atMostRunes(clean(strings.Trim(v.Title+", "+v.Address, ", ")), 300)
}

// telegramPlace takes a location. One that is shared live, or has an accuracy, is the
// phone's own; any other may have been picked on the map by hand, as a venue was.
func (in *Inbound) telegramPlace(m *telegramMessage) {
	l := telegramLocation(m)
	if l == nil {
		return
	}
	if m.Venue != nil {
		in.Place = venueText(m.Venue)
	}
	live := m.Venue == nil && (l.LivePeriod > 0 || in.Edited)
	in.Quiet = live && in.Edited
	p := &tracker.Position{Point: orb.Point{l.Longitude, l.Latitude}, Method: tracker.Pin, RadiusM: pinRadiusM}
	if !(math.Abs(l.Longitude) <= 180 && math.Abs(l.Latitude) <= 90) {
		in.Odd = true
		return
	}
	radius, known := Accuracy95(tracker.ChannelTelegram, l.HorizontalAccuracy)
	switch {
	case m.Venue != nil:
	case known && radius > gnssRadiusM:
		p.Method, p.RadiusM = tracker.Network, radius
	case known:
		p.Method, p.RadiusM = tracker.GNSS, radius
	case live:
		p.Method, p.RadiusM = tracker.GNSS, gnssRadiusM
	}
	in.Position = p
}

// telegramContact takes a contact: the sender's own number, as Telegram vouches for,
// or a note of somebody else's.
func (in *Inbound) telegramContact(m *telegramMessage) {
	c := m.Contact
	if c == nil {
		return
	}
	number := clean(c.PhoneNumber)
	if m.From != nil && c.UserID != 0 && c.UserID == m.From.ID {
		if phone, err := Phone("+" + strings.TrimPrefix(number, "+")); err == nil {
			in.Phone = phone
			return
		}
	}
	in.Aside = true
	in.Text = strings.TrimSpace(in.Text + "\n☎ " + atMostRunes(nameOf(c.FirstName+" "+c.LastName)+" "+number, 300))
}

func (in *Inbound) telegramOdd(m *telegramMessage) {
	for _, raw := range []json.RawMessage{m.Photo, m.Voice, m.VideoNote, m.Video, m.Audio, m.Document} {
		if len(raw) > 0 && string(raw) != "null" {
			in.Odd = true
		}
	}
}

// groupMessage leaves of a message in a group what is for us: a command, or that
// somebody showed where they are. Who it was, and where, isn't taken in.
func (in *Inbound) groupMessage(m *telegramMessage, bot string) bool {
	text := in.Text
	in.Text, in.Odd = "", false
	if telegramLocation(m) != nil {
		in.Choice = ChoicePlace
		return !in.Edited // once is enough to be told
	}
	word, _, _ := strings.Cut(text, " ")
	if _, to, addressed := strings.Cut(word, "@"); addressed && !strings.EqualFold(to, bot) {
		return false
	}
	if command, _ := commandOf(text); command == "" || in.Edited {
		return false
	}
	in.Text = atMostRunes(text, 200)
	return true
}

// tongue is the language of ours that a provider's language code means: the common
// second language of those who share none with us.
func tongue(code string) string {
	base, _, _ := strings.Cut(strings.ToLower(code), "-")
	switch base {
	case "kk", "ru", "en":
		return base
	case "uk", "be", "ky", "uz", "tg", "hy", "az", "ka":
		return "ru"
	default:
		return ""
	}
}

// nameOf is what somebody calls themselves, or nothing where that has no letters.
func nameOf(s string) string {
	s = atMostRunes(strings.Join(strings.Fields(clean(s)), " "), 100)
	if strings.IndexFunc(s, unicode.IsLetter) < 0 {
		return ""
	}
	return s
}

// clean is a text as said leaves it, cut where it is too long.
func clean(text string) string {
	text, err := said(strings.ToValidUTF8(text, "\uFFFD"), longestText)
	if err != nil {
		return cut(text, longestText)
	}
	return text
}

func atMostRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// unix reads a provider's time in seconds; what can't be one is none.
func unix(seconds int64) time.Time {
	if seconds <= 0 || seconds > 7_258_118_400 { // 2200
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

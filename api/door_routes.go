package api

import (
	"fmt"
	"net/http"

	"aman/api/auth"
	"aman/geo/tracker"
)

// openChannels makes the messengers that are set up.
func (s *Server) openChannels(o Options) (err error) {
	s.replies, s.outbox = newReplyDesk(s.log), make(chan struct{}, 1)
	if s.telegram, err = newTelegram(s, o.Telegram); err != nil {
		return fmt.Errorf("set up Telegram: %w", err)
	}
	if s.whatsApp, err = newWhatsApp(s, o.WhatsApp); err != nil {
		return fmt.Errorf("set up WhatsApp: %w", err)
	}
	s.sms, s.trackers = newSMS(s, o.SMSGateways), newTrackers(s, o.Tracking)
	if s.telegram != nil {
		s.replies.senders[tracker.ChannelTelegram] = s.telegram
	}
	if s.whatsApp != nil {
		s.replies.senders[tracker.ChannelWhatsApp] = s.whatsApp
	}
	return nil
}

// channelRoutes are where providers deliver. Each handler looks at its provider's
// secret or signature itself, before anything else.
func (s *Server) channelRoutes() []route {
	declare := func(method, path, operation string) auth.Route {
		return auth.Route{Method: method, Path: path, Operation: operation, Permission: auth.Public, Scope: auth.ScopeSubmit}
	}
	return []route{
		{declare(http.MethodPost, telegramPath, "telegramUpdate"), s.telegram.update},
		{declare(http.MethodGet, whatsAppPath, "whatsAppVerify"), s.whatsApp.verify},
		{declare(http.MethodPost, whatsAppPath, "whatsAppEvents"), s.whatsApp.events},
		{declare(http.MethodPost, smsPath, "smsDeliver"), s.sms.deliver},
		{declare(http.MethodPost, ownTracksPath, "ownTracks"), s.trackers.ownTracks},
		{declare(http.MethodGet, osmAndPath, "osmAndQuery"), s.trackers.osmAnd},
		{declare(http.MethodPost, osmAndPath, "osmAnd"), s.trackers.osmAnd},
	}
}

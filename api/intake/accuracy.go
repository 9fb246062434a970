package intake

import (
	"math"

	"aman/geo/tracker"
)

// to95 turns the radius that holds 68 % of a circular normal error into the one
// that holds 95 %: sqrt(ln 0.05 / ln 0.32) = 1.6214. The errors of satellite fixes
// in the plane are close to that; what is left over is on the safe side of what
// platforms promise.
const to95 = 1.62

// Accuracies that are taken in, metres as the device gave them. Less than a metre is
// a simulator's; no phone measures it.
const (
	leastAccuracyM = 1
	// telegramMostM: Telegram's Bot API, Location.horizontal_accuracy, is "0-1500".
	telegramMostM = 1_500
)

// Accuracy95 is the one place where what a channel calls accuracy becomes the radius
// in metres that holds the true place with 95 %. ok is false when nothing usable was
// said (zero, less, not a number, or a channel that has none): then DefaultRadiusM
// holds.
//
//	channel    what it says                                          factor
//	link       W3C Geolocation, coords.accuracy: "95 % confidence"   1
//	api, partner, staff, hotline, import: 95 % by our own contract   1
//	owntracks  Android Location.getAccuracy: 68 %; iOS
//	           horizontalAccuracy: undefined, so as Android          1.62
//	osmand     the same platforms, handed on as they are             1.62
//	telegram   horizontal_accuracy of the platforms, 0 to 1500       1.62
//	whatsapp   none; sms: none
//
// The answer is between 1 m and 1,000 km.
func Accuracy95(ch tracker.Channel, metres float64) (radiusM float64, ok bool) {
	if !(metres > 0) || math.IsInf(metres, 0) {
		return 0, false
	}
	switch ch {
	case tracker.ChannelWhatsApp, tracker.ChannelSMS:
		return 0, false
	case tracker.ChannelTelegram:
		metres = math.Min(metres, telegramMostM) * to95
	case tracker.ChannelOwnTracks, tracker.ChannelOsmAnd:
		metres *= to95
	}
	return math.Min(math.Max(metres, leastAccuracyM), maxRadiusM), true
}

package event

import "fmt"

// cmeMeanings are the codes of +CME ERROR in words (fact errors/codes).
var cmeMeanings = map[int]string{
	CMEPhoneFailure:       "no code of its own: a wrong command, form or parameter, or an unexpected failure",
	CMESIMPINRequired:     "the SIM wants its PIN",
	CMESIMPUKRequired:     "the SIM wants its PUK",
	CMESIMFailure:         "the SIM has failed",
	CMEIncorrectPassword:  "wrong password",
	CMEMemoryFailure:      "memory failure",
	CMEIncorrectParameter: "incorrect parameter",
	CMESystemError:        "system error",
	CMENotFound:           "not found",
	CMENoAccess:           "no access",
	CMEMemoryFull:         "memory full",
	CMERadioActive:        "not while the radio connection is active",
	CMEActiveState:        "not while the modem is active",
	CMEAlreadyExists:      "exists already",
	CMEAuthentication:     "authentication failed",
	CMESearchInterrupted:  "network search interrupted",
	CMEInvalidBandConfig:  "invalid band configuration",
	CMEKeyGeneration:      "key generation failed",
	CMEToken:              "token failed",
	CMEInvalidContent:     "invalid content",
	CMEPowerWarning:       "not while the power-off warning is active",
	CMEClaimToken:         "response not created",
}

// CMEMeaning returns a code of +CME ERROR in words, or "" for one that is not known.
func CMEMeaning(code int) string { return cmeMeanings[code] }

// modeMeanings are the functional modes in words (fact cfun/modes).
var modeMeanings = map[int]string{
	0: "off", 1: "full functionality", 2: "receive only", 4: "flight mode",
	20: "LTE off", 21: "LTE on", 30: "GNSS off", 31: "GNSS on", 40: "UICC off", 41: "UICC on",
	44: "flight mode with UICC", 45: "flight mode that keeps the registration", 46: "flight mode with UICC that keeps the registration",
}

// registrationMeanings are the statuses of +CEREG in words (fact registration/cereg-status).
var registrationMeanings = map[int]string{
	0: "not registered", 1: "registered at home", 2: "searching", 3: "denied", 4: "unknown",
	5: "registered, roaming", 90: "the UICC has failed", 91: "no suitable cell",
	50: "not registered, only receiving", 51: "registered at home, only receiving", 52: "searching, only receiving",
	53: "denied, only receiving", 54: "unknown, only receiving", 55: "registered, roaming, only receiving",
}

// typeNames are the types of credentials in words, by number (fact cmng/types).
var typeNames = [...]string{"root CA", "client certificate", "private key", "PSK", "PSK identity", "public key",
	"device public key", "", "endorsement key", "ownership key", "Nordic root CA", "Nordic public key", "", "asset encryption key"}

// numbered returns a number with its meaning, if it has one.
func numbered(n int, meanings map[int]string) string {
	if m := meanings[n]; m != "" {
		return fmt.Sprintf("%d (%s)", n, m)
	}
	return fmt.Sprint(n)
}

// String names a type in words, such as "root CA"; "type 200" for one that is not known.
func (t CredentialType) String() string {
	if int(t) < len(typeNames) && typeNames[t] != "" {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// errnoText returns the number and name of an error of the socket interface.
func errnoText(number int, name string) string {
	if name == "" {
		return fmt.Sprintf("errno %d", number)
	}
	return fmt.Sprintf("%s (%d)", name, number)
}

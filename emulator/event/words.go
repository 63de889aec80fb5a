package event

// A PowerAction is what has become of the supply or of the modem.
type PowerAction string

// Actions of a Power.
const (
	PowerOn       PowerAction = "on"
	PowerOff      PowerAction = "off"       // the application shut down
	PowerCut      PowerAction = "cut"       // supply lost at once
	PowerReset    PowerAction = "reset"     // the application restarts
	PowerCrash    PowerAction = "crash"     // the modem stopped answering
	PowerWarning  PowerAction = "warning"   // the power-off warning fired
	PowerModemOff PowerAction = "modem-off" // a program at the library interface has shut the modem down
	PowerModemOn  PowerAction = "modem-on"  // and has started it anew
)

// A LinkAction is what a port has gone through.
type LinkAction string

// Actions of a Link.
const (
	LinkOpen    LinkAction = "open"
	LinkClose   LinkAction = "close"
	LinkOverrun LinkAction = "overrun" // the host did not read, and output was dropped
)

// An InputProblem is what was odd about what the host sent.
type InputProblem string

// Problems of an Input.
const (
	ProblemOpenQuote InputProblem = "open-quote" // a quoted string has been open for too long
	ProblemTooLong   InputProblem = "too-long"   // a line that does not fit the buffer
	ProblemLost      InputProblem = "lost"       // bytes sent while nothing was received
	ProblemEarly     InputProblem = "early"      // a command sent before the last final result
	ProblemDataMode  InputProblem = "data-mode"  // data that could not be sent

	// ProblemNoTerminator is a command that the host has not ended, for too long, as
	// the application wants it.
	ProblemNoTerminator InputProblem = "no-terminator"
)

// An Origin is who has sent a notification.
type Origin string

// Origins of a Notification.
const (
	FromModem       Origin = "modem"
	FromApplication Origin = "application"
)

// A CredentialOp is an operation on the credential store.
type CredentialOp string

// Operations of a Credential.
const (
	CredentialWrite    CredentialOp = "write"
	CredentialList     CredentialOp = "list"
	CredentialRead     CredentialOp = "read"
	CredentialDelete   CredentialOp = "delete"
	CredentialGenerate CredentialOp = "generate" // a key made by %KEYGEN
	CredentialUse      CredentialOp = "use"      // a socket has taken it for a handshake
	CredentialErase    CredentialOp = "erase"    // a factory reset has removed all of them
)

// A CredentialType is the second half of a credential's name, as %CMNG has it
// (fact cmng/types).
type CredentialType uint8

// Types of a Credential that hosts write.
const (
	RootCA            CredentialType = 0
	ClientCertificate CredentialType = 1
	PrivateKey        CredentialType = 2
	PSK               CredentialType = 3
	PSKIdentity       CredentialType = 4
)

// An NVMCause is why the modem's flash was written.
type NVMCause string

// Causes of an NVM.
const (
	NVMModeOff      NVMCause = "+CFUN=0"       // settings are stored when the modem is shut down
	NVMFactoryReset NVMCause = "factory reset" // by %XFACTORYRESET
	NVMFile         NVMCause = "file"          // by %XFILEWRITE
	NVMPeriodic     NVMCause = "periodic"      // settings are stored now and then
	NVMBoot         NVMCause = "boot"          // settings could not be read
	NVMLost         NVMCause = "lost"          // settings lost by a power cut
)

// A FlashOp is a step on the flash.
type FlashOp string

// Steps of a Flash.
const (
	FlashProgram FlashOp = "program"
	FlashErase   FlashOp = "erase"
)

// A SocketOp is an operation on a socket, or the service on it that has ended.
type SocketOp string

// Operations of a Socket.
const (
	SocketOpen     SocketOp = "open"
	SocketConnect  SocketOp = "connect"
	SocketClose    SocketOp = "close"
	SocketSend     SocketOp = "send"
	SocketReceive  SocketOp = "receive"
	SocketListen   SocketOp = "listen"
	SocketAccept   SocketOp = "accept"
	SocketResolve  SocketOp = "resolve"
	SocketMQTT     SocketOp = "mqtt" // the MQTT client on the socket has ended
	SocketTCPProxy SocketOp = "tcp-proxy"
	SocketUDPProxy SocketOp = "udp-proxy"
)

// A HandshakeFault is what a handshake has failed for, in a word.
type HandshakeFault string

// Faults of a Handshake. Those up to FaultServerName are for the program to mend: what
// it has stored, or named for the socket, does not serve.
const (
	FaultNoCredential      HandshakeFault = "no-credential"      // the security tags hold no usable CA certificate or pre-shared key
	FaultUnknownCA         HandshakeFault = "unknown-ca"         // none of the CA certificates vouches for the server
	FaultClientCertificate HandshakeFault = "client-certificate" // missing, unusable, or refused by the server
	FaultPSK               HandshakeFault = "psk"                // the server knows neither the pre-shared key nor its identity
	FaultServerName        HandshakeFault = "server-name"        // the certificate is for another name than the socket's
	FaultServerCertificate HandshakeFault = "server-certificate" // expired, too long or broken
	FaultVersion           HandshakeFault = "version"
	FaultSuites            HandshakeFault = "suites"
	FaultNetwork           HandshakeFault = "network"  // closed, reset, no answer in time
	FaultProtocol          HandshakeFault = "protocol" // anything else, such as a server without TLS
)

// Credentials reports whether the program's credentials are at fault, or the name that
// it has them checked against.
func (f HandshakeFault) Credentials() bool {
	switch f {
	case FaultNoCredential, FaultUnknownCA, FaultClientCertificate, FaultPSK, FaultServerName:
		return true
	}
	return false
}

// A ProgramAction is what firmware at the library interface has done.
type ProgramAction string

// Actions of a Program.
const (
	ProgramStart   ProgramAction = "start"   // it has connected
	ProgramEnd     ProgramAction = "end"     // it has ended on purpose
	ProgramCrash   ProgramAction = "crash"   // it was ended by a signal
	ProgramLost    ProgramAction = "lost"    // it has ended without a word
	ProgramDropped ProgramAction = "dropped" // its connection was ended, see Reason
	ProgramRefused ProgramAction = "refused" // it was turned away
)

// A GNSSAction is what the GNSS receiver has done.
type GNSSAction string

// Actions of a GNSS.
const (
	GNSSStart     GNSSAction = "start"
	GNSSStop      GNSSAction = "stop"
	GNSSFix       GNSSAction = "fix"
	GNSSTimeout   GNSSAction = "timeout" // no fix in the time that the program gave
	GNSSSleep     GNSSAction = "sleep"
	GNSSWakeup    GNSSAction = "wakeup"
	GNSSBlocked   GNSSAction = "blocked" // LTE has the radio
	GNSSUnblocked GNSSAction = "unblocked"
)

// Codes of +CMS ERROR (fact sms/errors).
const (
	CMSFailure      = 300
	CMSNotAllowed   = 302
	CMSInvalidPDU   = 304
	CMSNoNetwork    = 331
	CMSNotActivated = 517
)

// Codes of +CME ERROR (fact errors/codes). Those from 512 on are Nordic's.
const (
	CMEPhoneFailure       = 0
	CMENotAllowed         = 3
	CMESIMPINRequired     = 11
	CMESIMPUKRequired     = 12
	CMESIMFailure         = 13
	CMEIncorrectPassword  = 16
	CMEMemoryFailure      = 23
	CMEIncorrectParameter = 50
	CMESystemError        = 60
	CMENotFound           = 513
	CMENoAccess           = 514
	CMEMemoryFull         = 515
	CMERadioActive        = 516
	CMEActiveState        = 518
	CMEAlreadyExists      = 519
	CMEAuthentication     = 520
	CMESearchInterrupted  = 521
	CMEInvalidBandConfig  = 522
	CMEKeyGeneration      = 523
	CMEToken              = 525
	CMEInvalidContent     = 527
	CMEPowerWarning       = 528
	CMEClaimToken         = 529
)

package cloud

import (
	"net/netip"
)

// A Server is one of the servers at the far end.
type Server struct {
	// Name is how the server is called in lists and events, such as "mqtt-tls".
	Name string `json:"name"`
	// What says what it is, in one line.
	What string `json:"what"`
	// Protocol is mqtt, mqtts, https, coap, coaps, udp, tcp or tls.
	Protocol string `json:"protocol"`
	// Host and Port are what a program asks for.
	Host string `json:"host"`
	Port uint16 `json:"port"`
	// Addr is where it listens.
	Addr netip.AddrPort `json:"addr"`
	// Fault says what is wrong with the server, and so what a device runs into; ""
	// for a good one.
	Fault string `json:"fault,omitempty"`
	// Try is a command line that reaches the server from this machine, in the folder
	// with ca.pem.
	Try string `json:"try"`
}

// DefaultName is the name of all servers that have no other one.
const DefaultName = "broker.lab"

// courseNames are the names that Nordic's course and its exercises connect to.
var courseNames = []string{
	"mqtt.nordicsemi.academy", "test.mosquitto.org",
	"californium.eclipseprojects.io", "nordicecho.westeurope.cloudapp.azure.com",
}

// A spec is a server before it is started.
type spec struct {
	Server
	// start makes the server listen and sets Addr.
	start func(*Cloud, *Server) error
}

// specs are all servers, in the order of the list.
func specs() []spec {
	list := []spec{
		{Server{Name: "mqtt", What: "MQTT broker without TLS", Protocol: "mqtt", Port: 1883}, startMQTT},
		{Server{Name: "mqtt-tls", What: "MQTT broker with TLS, a certificate of ca.pem", Protocol: "mqtts", Port: 8883}, startMQTT},
		{Server{Name: "mqtt-client-certificate", What: "MQTT broker with TLS that wants a certificate of the device", Protocol: "mqtts", Port: 8884}, startMQTT},
		{Server{Name: "https", What: "web server: /ca.pem, /echo, /sign, /devices, /claim", Protocol: "https", Port: 443}, startHTTPS},
		{Server{Name: "coap", What: "CoAP server: /validate, /large-update, /echo", Protocol: "coap", Port: 5683}, startCoAP},
		{Server{Name: "coaps-psk", What: "CoAP server with DTLS and pre-shared keys", Protocol: "coaps", Port: 5684}, startCoAP},
		{Server{Name: "coaps-certificate", What: "CoAP server with DTLS, a certificate of ca.pem", Protocol: "coaps", Port: 5685}, startCoAP},
		{Server{Name: "udp-echo", What: "sends each datagram back", Protocol: "udp", Port: 2444}, startUDPEcho},
		{Server{Name: "tcp-echo", What: "sends each byte back", Protocol: "tcp", Port: 2445}, startTCPEcho},
	}
	for _, f := range faults {
		protocol, start := "mqtts", startMQTT
		if f.raw != nil {
			protocol, start = "tls", startRaw
		}
		list = append(list, spec{Server{Name: f.name, What: f.what, Protocol: protocol, Port: f.port, Fault: f.fault}, start})
	}
	return list
}

#!/usr/bin/perl
# A second message centre of another make (Debian's libnet-smpp-perl) for the provider tests: serves one connection, takes
# every message and reports each at once, in the words of its own kind. Prints a line per thing that happens; the first is
# "port N". Texts go out as hexadecimal octets. A message to a number that ends in 7 fails.

use strict;
use warnings;
use Net::SMPP;

$| = 1;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "no listener: $!";
print 'port ', $listener->sockport, "\n";
my $session = $listener->accept or die "nobody came: $!";
my $id = 0;

my %obey = (
    Net::SMPP::CMD_bind_transceiver() => sub {
        my ($pdu) = @_;
        my $known = $pdu->{system_id} eq 'otp' && $pdu->{password} eq 'secret';
        print 'bind ', ($known ? 'known' : 'unknown'), "\n";
        $session->bind_transceiver_resp(system_id => 'perl', seq => $pdu->{seq}, status => $known ? 0 : 0x0d);
    },
    Net::SMPP::CMD_submit_sm() => sub {
        my ($pdu) = @_;
        my $name = sprintf '%010d', ++$id;
        print join(' ', 'submit', $name, $pdu->{source_addr} || '-', $pdu->{destination_addr}, $pdu->{esm_class},
            $pdu->{data_coding}, $pdu->{validity_period}, unpack('H*', $pdu->{short_message})), "\n";
        $session->submit_sm_resp(message_id => $name, seq => $pdu->{seq});
        my $stat = $pdu->{destination_addr} =~ /7$/ ? 'UNDELIV err:027' : 'DELIVRD err:000';
        $session->deliver_sm(
            source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, esm_class => 4,
            short_message => "id:$name sub:001 dlvrd:001 submit date:2611210543 done date:2611210544 stat:$stat Text:",
            async => 1,
        );
    },
    Net::SMPP::CMD_deliver_sm_resp() => sub { print "kept $_[0]{status}\n" },
    Net::SMPP::CMD_enquire_link() => sub { $session->enquire_link_resp(seq => $_[0]{seq}) },
    Net::SMPP::CMD_unbind() => sub {
        print "unbound\n";
        $session->unbind_resp(seq => $_[0]{seq});
    },
);

while (my $pdu = $session->read_pdu) {
    my $obey = $obey{ $pdu->{cmd} } or die "unexpected command $pdu->{cmd}";
    $obey->($pdu);
}
print "closed\n";

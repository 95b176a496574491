#!/usr/bin/perl
# Writes freeform-class.json beside this file: the FreeformClass (RFC 8264 §8) of every assigned code point, as
# ranges [first, last, "valid" | "contextual" | "disallowed"] in hexadecimal, from Perl's own Unicode tables.
use strict;
use warnings;
use Unicode::Normalize qw(NFKC);
use Unicode::UCD;
use FindBin;

my %exceptions = (
    (map { $_ => 'valid' } 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007),
    (map { $_ => 'contextual' } 0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, 0x660 .. 0x669, 0x6F0 .. 0x6F9),
    (map { $_ => 'disallowed' } 0x640, 0x7FA, 0x302E, 0x302F, 0x3031 .. 0x3035, 0x303B),
);

sub class_of {
    my ($code) = @_;
    return $exceptions{$code} if exists $exceptions{$code};
    my $char = chr $code;
    return undef if $char =~ /\p{Cn}/ && $char !~ /\p{Noncharacter_Code_Point}/;
    return 'valid' if $code >= 0x21 && $code <= 0x7E;
    return 'contextual' if $char =~ /\p{Join_Control}/;
    return 'disallowed' if $char =~ /\p{Hangul_Syllable_Type=L}|\p{Hangul_Syllable_Type=V}|\p{Hangul_Syllable_Type=T}/;
    return 'disallowed' if $char =~ /\p{Default_Ignorable_Code_Point}|\p{Noncharacter_Code_Point}/;
    return 'disallowed' if $char =~ /\p{Cc}/;
    return 'valid' if NFKC($char) ne $char;
    return 'valid' if $char =~ /[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}\p{Lt}\p{Nl}\p{No}\p{Me}]/;
    return 'valid' if $char =~ /[\p{Zs}\p{S}\p{P}]/;
    return 'disallowed';
}

no warnings 'utf8';
my @ranges;
for my $code (0 .. 0x10FFFF) {
    next if $code >= 0xD800 && $code <= 0xDFFF;
    my $class = class_of($code) or next;
    my $last = $ranges[-1];
    if ($last && $last->[1] == $code - 1 && $last->[2] eq $class) { $last->[1] = $code }
    else { push @ranges, [$code, $code, $class] }
}

open my $out, '>', "$FindBin::Bin/freeform-class.json" or die $!;
printf $out "{\n  \"unicode\": \"%s\",\n  \"ranges\": [\n", Unicode::UCD::UnicodeVersion();
print $out join(",\n", map { sprintf '    ["%X", "%X", "%s"]', @$_ } @ranges), "\n  ]\n}\n";

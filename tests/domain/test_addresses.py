"""Which addresses are public, and which texts are addresses at all."""

from ipaddress import ip_address

import pytest

from domain.addresses import AllowedHosts, check_url, is_public, public_of
from domain.errors import DomainError

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1",
    "223.255.255.254", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::", "2606:4700::1111", "2a00:1450:4001::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_outside_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_one_address_inside_is_enough_to_refuse_a_name() -> None:
    assert [str(a) for a in public_of(["8.8.8.8", "1.1.1.1"])] == ["8.8.8.8", "1.1.1.1"]
    for found in (["8.8.8.8", "127.0.0.1"], ["::1", "8.8.8.8"], []):
        with pytest.raises(ValueError, match="not public"):
            public_of(found)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://Example.com/", "https://example.com"),
        ("  http://example.com:8080/Blog/ ", "http://example.com:8080/Blog"),
        ("https://bücher.example/a%20b", "https://xn--bcher-kva.example/a%20b"),
        ("https://例え.テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("https://[2606:4700:0:0::1111]:8443", "https://[2606:4700::1111]:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://wordpress.internal", "http://wordpress.internal"),
        ("https://sub_domain.example.com", "https://sub_domain.example.com"),
    ],
)
def test_an_address_is_kept_in_one_form(text: str, kept: str) -> None:
    assert check_url(text, "url") == kept


@pytest.mark.parametrize(
    "text",
    [
        None, "", "example.com", "//example.com", "ftp://example.com", "file:///etc/hosts", "https://", "https://:80",
        "https://user@example.com", "https://user:word@example.com", "https://example.com?a=1", "https://example.com#a",
        "https://exa mple.com", "https://example.com:0", "https://example.com:99999", "https://example.com:x",
        "https://-a.example", "https://a..example", "https://[::1", "https://[nonsense]", f"https://{'a' * 64}.example",
        f"https://example.com/{'a' * 500}", "http://0.1", "http://1", "http://0x1.1",
        "http://1.1.1", "http://256.1.1.1", "http://01.02.03.04",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_by_its_field(text: str | None) -> None:
    with pytest.raises(DomainError) as refused:
        check_url(text, "input", "url")
    assert refused.value.field == ("input", "url")


def test_hosts_are_let_in_by_name_and_port() -> None:
    allowed = AllowedHosts.of(" WordPress.internal , 127.0.0.1:8080,[::1]:8081 ")

    assert allowed.lets_in("wordpress.internal", 443)
    assert allowed.lets_in("WORDPRESS.INTERNAL.", 80)
    assert allowed.lets_in("127.0.0.1", 8080)
    assert not allowed.lets_in("127.0.0.1", 8081)
    assert allowed.lets_in("::1", 8081)
    assert not allowed.lets_in("x.wordpress.internal", 443)
    assert not AllowedHosts.of("").lets_in("localhost", 80)


@pytest.mark.parametrize("text", ["http://example.com", "a/b", "user@host", "host:port", ":80"])
def test_what_is_no_host_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        AllowedHosts.of(text)

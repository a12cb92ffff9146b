// Time, UTF-8, hexadecimal text and JSON fields.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "core/base/clamped_time.h"
#include "core/base/hex.h"
#include "core/base/time.h"
#include "core/base/utf8.h"
#include "core/records/json_fields.h"
#include "support/generators.h"

namespace seshat::metadata {
namespace {

using testing::AnyBytes;
using testing::AnyText;
using testing::AnyTimestamp;
using ::testing::HasSubstr;

RC_GTEST_PROP(TimeProperty, EveryTimeComesBack, ()) {
  const auto time = *AnyTimestamp();
  const auto text = FormatTimestamp(time);
  RC_ASSERT(ParseTimestamp(text).value() == time);
  RC_ASSERT(text.ends_with('Z'));
}

RC_GTEST_PROP(TimeProperty, TextsOfOneLengthSortAsTimesDo, ()) {
  const auto a = std::chrono::time_point_cast<std::chrono::seconds>(*AnyTimestamp());
  const auto b = std::chrono::time_point_cast<std::chrono::seconds>(*AnyTimestamp());
  RC_ASSERT((a < b) == (FormatTimestamp(a) < FormatTimestamp(b)));
}

TEST(Time, TheFirstAndTheLastOfTheRangeComeBack) {
  constexpr const char* kFirst = "1677-09-21T00:12:43.145224192Z";
  constexpr const char* kLast = "2262-04-11T23:47:16.854775807Z";
  EXPECT_EQ(FormatTimestamp(Timestamp::min()), kFirst);
  EXPECT_EQ(FormatTimestamp(Timestamp::max()), kLast);
  EXPECT_EQ(ParseTimestamp(kFirst).value(), Timestamp::min());
  EXPECT_EQ(ParseTimestamp(kLast).value(), Timestamp::max());
  EXPECT_EQ(ParseTimestamp("2262-04-12T00:47:16.854775807+01:00").value(), Timestamp::max());
  EXPECT_FALSE(ParseTimestamp("9999-12-31T23:59:59Z"));
}

TEST(Time, WhatLiesBeyondTheRangeIsClampedAndNeverWraps) {
  EXPECT_EQ(ClampedNanoseconds(1, 2), 1'000'000'002);
  EXPECT_EQ(ClampedNanoseconds(-1, 999'999'999), -1);
  EXPECT_EQ(ClampedNanoseconds(9'223'372'036, 854'775'807), INT64_MAX);
  EXPECT_EQ(ClampedNanoseconds(17'179'869'183, 0), INT64_MAX);  // the year 2514
  EXPECT_EQ(ClampedNanoseconds(-17'179'869'183, 0), INT64_MIN);
  EXPECT_EQ(ClampedNanoseconds(INT64_MAX, 999'999'999), INT64_MAX);
  EXPECT_EQ(ClampedNanoseconds(INT64_MIN, 0), INT64_MIN);
}

TEST(Time, WritesTheFewestDigitsThatLoseNothing) {
  const Timestamp base = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{5};
  EXPECT_EQ(FormatTimestamp(base), "2026-11-23T05:00:00Z");
  EXPECT_EQ(FormatTimestamp(base + std::chrono::milliseconds{120}), "2026-11-23T05:00:00.120Z");
  EXPECT_EQ(FormatTimestamp(base + std::chrono::microseconds{120}), "2026-11-23T05:00:00.000120Z");
  EXPECT_EQ(FormatTimestamp(base + std::chrono::nanoseconds{120}), "2026-11-23T05:00:00.000000120Z");
  EXPECT_EQ(FormatTimestamp(Timestamp{std::chrono::nanoseconds{-1}}), "1969-12-31T23:59:59.999999999Z");
}

TEST(Time, ReadsWhatRfc3339Allows) {
  const auto read = [](const char* text) { return FormatTimestamp(ParseTimestamp(text).value()); };
  EXPECT_EQ(read("2026-11-23t05:50:00z"), "2026-11-23T05:50:00Z");
  EXPECT_EQ(read("2026-11-23 05:50:00+02:00"), "2026-11-23T03:50:00Z");
  EXPECT_EQ(read("2026-01-01T00:30:00+01:00"), "2025-12-31T23:30:00Z");
  EXPECT_EQ(read("2026-11-23T05:50:00.5-00:30"), "2026-11-23T06:20:00.500Z");
  EXPECT_EQ(read("2026-11-23T05:50:00.1234567899Z"), "2026-11-23T05:50:00.123456789Z");
  EXPECT_EQ(read("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00Z");
  EXPECT_EQ(read("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
}

TEST(Time, RefusesTheRest) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-23",
                           "2026-11-23T05:50Z",
                           "2026-11-23T05:50:00",
                           "2026-11-23T05:50:00.Z",
                           "2026-11-23T05:50:00+0200",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T05:60:00Z",
                           "2026-11-23T05:50:61Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "1677-09-21T00:12:43.145224191Z",
                           "2262-04-11T23:47:16.854775808Z",
                           "2026-11-23T05:50:00Z ",
                           " 2026-11-23T05:50:00Z",
                           "2026-11-23T05:50:00+24:00",
                           "2026-11-23T05:50:00+01:60",
                           "-026-11-23T05:50:00Z"}) {
    const auto time = ParseTimestamp(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
  }
}

RC_GTEST_PROP(HexProperty, EveryByteComesBack, ()) {
  const auto bytes = *AnyBytes();
  const auto text = HexEncode(AsBytes(bytes));
  std::vector<std::byte> out(bytes.size());
  RC_ASSERT(text.size() == 2 * bytes.size());
  RC_ASSERT(HexDecode(text, out));
  RC_ASSERT(AsText(out) == bytes);
  out.resize(bytes.size() + 1);
  RC_ASSERT(!HexDecode(text, out));
}

TEST(Hex, KnowsItsDigits) {
  EXPECT_EQ(HexDigitValue('0'), 0);
  EXPECT_EQ(HexDigitValue('9'), 9);
  EXPECT_EQ(HexDigitValue('f'), 15);
  EXPECT_EQ(HexDigitValue('A'), 10);
  for (const char c : {'g', '/', ':', '@', 'G', '`', '\0', '\xFF'}) EXPECT_EQ(HexDigitValue(c), -1);
  std::array<std::byte, 1> out{};
  EXPECT_FALSE(HexDecode("0x", out));
}

TEST(Utf8, KnowsValidFromInvalid) {
  for (const char* valid :
       {"", "a", "\u00E9", "\u20AC", "\U0001F600", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(IsValidUtf8(valid)) << valid;
  for (const char* invalid : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE2\x82", "\xE0\x80\x80",
                              "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
                              "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE", "a\xC3(", "\xE2\x28\xA1"})
    EXPECT_FALSE(IsValidUtf8(invalid)) << HexEncode(AsBytes(invalid));
}

RC_GTEST_PROP(Utf8Property, ReplacingMakesValidTextAndKeepsValidText, ()) {
  const auto bytes =
      *rc::gen::map(rc::gen::pair(AnyText(), AnyBytes()), [](const auto& p) { return p.first + p.second; });
  const auto valid = ReplaceInvalidUtf8(bytes);
  RC_ASSERT(IsValidUtf8(valid));
  RC_ASSERT((valid == bytes) == IsValidUtf8(bytes));
  RC_ASSERT(ReplaceInvalidUtf8(valid) == valid);
}

RC_GTEST_PROP(Utf8Property, WhatGoesToATerminalIsHarmless, ()) {
  const auto escaped = EscapeForTerminal(*rc::gen::oneOf(AnyBytes(), AnyText()));
  RC_ASSERT(IsValidUtf8(escaped));
  for (const char c : escaped) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  RC_ASSERT(escaped.find("\u202E") == std::string::npos);
}

TEST(Utf8, ShowsWhatItEscapes) {
  EXPECT_EQ(EscapeForTerminal("a\x1B[31m"), "a\\x1b[31m");
  EXPECT_EQ(EscapeForTerminal("\u202Egpj.exe"), "\\u{202e}gpj.exe");
  EXPECT_EQ(EscapeForTerminal("\xFF"), "\\xff");
  EXPECT_EQ(EscapeForTerminal("25 °C"), "25 °C");
}

TEST(JsonParse, RefusesWhatIsNotOneValue) {
  for (const char* text : {"", " ", "{", "{}{}", "{} x", "{\"a\":1,}", "// c\n{}", "{\"a\":\"\xFF\"}", "nul", "[1"}) {
    const auto value = json::Parse(text, "thing");
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kDataLoss);
    EXPECT_THAT(value.error().message, HasSubstr("thing is not valid JSON"));
  }
  EXPECT_TRUE(json::Parse(" {} \n", "thing"));
  EXPECT_FALSE(json::Parse(std::string(100, '[') + std::string(100, ']'), "thing"));
}

RC_GTEST_PROP(JsonParseProperty, DoublesAreExact, (uint64_t bits)) {
  const auto number = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(number));
  std::array<char, 64> text{};
  const auto* end = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific).ptr;
  const auto value = json::Parse(std::string_view(text.data(), end), "number");
  RC_ASSERT(value.has_value());
  RC_ASSERT(std::bit_cast<uint64_t>(value->get_double()) == bits);
}

RC_GTEST_PROP(JsonParseProperty, EqualsBoostOnEverythingElse, ()) {
  const auto text = *rc::gen::oneOf(AnyText(), AnyBytes(), rc::gen::map(AnyText(), [](const std::string& s) {
                                      return "{\"k\": [" + boost::json::serialize(boost::json::string_view(s)) +
                                             ", 1, -1, true, null, {}]}";
                                    }));
  boost::json::error_code error;
  const auto expected = boost::json::parse(boost::json::string_view(text), error);
  const auto value = json::Parse(text, "text");
  RC_ASSERT(value.has_value() == !error);
  if (value) RC_ASSERT(*value == expected);
}

TEST(JsonReader, KeepsTheFirstProblem) {
  const auto value = json::Parse(R"({"n": 5, "big": 4294967296, "s": "x", "t": true, "null": null})", "thing").value();
  json::Reader good(value, "thing");
  EXPECT_EQ(good.Unsigned32("n"), 5u);
  EXPECT_EQ(good.Unsigned("big"), 4294967296u);
  EXPECT_EQ(good.UnsignedOr("absent", 7), 7u);
  EXPECT_EQ(good.StringOr("absent", "y"), "y");
  EXPECT_TRUE(good.BoolOr("t", false));
  EXPECT_TRUE(good.Array("absent").empty());
  EXPECT_TRUE(good.status());
  json::Reader bad(value, "thing");
  EXPECT_EQ(bad.Unsigned32("big"), 0u);
  EXPECT_EQ(bad.String("n"), "");
  EXPECT_EQ(bad.status().error().message, "thing: field 'big' must be at most 4294967295");
  json::Reader typed(value, "thing");
  (void)typed.BoolOr("s", false);
  EXPECT_THAT(typed.status().error().message, HasSubstr("'s' must be true or false"));
  json::Reader no_object(boost::json::value(1), "thing");
  EXPECT_THAT(no_object.status().error().message, HasSubstr("not a JSON object"));
}

}  // namespace
}  // namespace seshat::metadata

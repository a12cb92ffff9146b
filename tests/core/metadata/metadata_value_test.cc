#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "core/metadata/metadata.h"
#include "support/generators.h"

namespace seshat::metadata {
namespace {

struct Case {
  const char* text;
  std::optional<double> number = std::nullopt;
  std::optional<int64_t> integer = std::nullopt;
  const char* unit = "";
  const char* date = nullptr;
  std::optional<bool> boolean = std::nullopt;
};

void PrintTo(const Case& c, std::ostream* out) { *out << '\'' << c.text << '\''; }

class TypeValueTest : public ::testing::TestWithParam<Case> {};

TEST_P(TypeValueTest, GivesTheTypes) {
  const auto& expected = GetParam();
  const auto value = TypeValue(expected.text);
  EXPECT_EQ(value.text, expected.text);
  EXPECT_EQ(value.number, expected.number);
  EXPECT_EQ(value.integer, expected.integer);
  EXPECT_EQ(value.unit, expected.unit);
  EXPECT_EQ(value.boolean, expected.boolean);
  EXPECT_EQ(value.date ? FormatTimestamp(*value.date) : "none", expected.date ? expected.date : "none");
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, TypeValueTest,
    ::testing::Values(Case{"0", 0, 0}, Case{"-0", 0, 0}, Case{"1", 1, 1}, Case{"+7", 7, 7}, Case{"-12", -12, -12},
                      Case{" 5\t", 5, 5}, Case{"0.5", 0.5}, Case{".5", 0.5}, Case{"-.5", -0.5}, Case{"300.0", 300, 300},
                      Case{"1e3", 1000, 1000}, Case{"1E+3", 1000, 1000}, Case{"2.5e-3", 0.0025},
                      Case{"1.7976931348623157e308", std::numeric_limits<double>::max()},
                      Case{"9007199254740993", 9007199254740992.0, 9007199254740993},
                      Case{"9223372036854775807", 9223372036854775808.0, std::numeric_limits<int64_t>::max()},
                      Case{"-9223372036854775808", -9223372036854775808.0, std::numeric_limits<int64_t>::min()},
                      Case{"9223372036854775808", 9223372036854775808.0}, Case{"1e300", 1e300}));

INSTANTIATE_TEST_SUITE_P(Units, TypeValueTest,
                         ::testing::Values(Case{"25 °C", 25, 25, "°C"}, Case{"25°C", 25, 25, "°C"},
                                           Case{"3.3 V", 3.3, {}, "V"}, Case{"10 kHz", 10, 10, "kHz"},
                                           Case{"10kHz", 10, 10, "kHz"}, Case{"100%", 100, 100, "%"},
                                           Case{"5 µm", 5, 5, "µm"}, Case{"5\xC2\xA0V", 5, 5, "V"},
                                           Case{"9.81 m/s^2", 9.81, {}, "m/s^2"}, Case{"9.81m/s²", 9.81, {}, "m/s²"},
                                           Case{"1.2e3 Pa", 1200, 1200, "Pa"}, Case{"2 widgets", 2, 2, "widgets"},
                                           Case{"500ms", 500, 500, "ms"}, Case{"5 E", 5, 5, "E"},
                                           Case{"36km/h", 36, 36, "km/h"}));

INSTANTIATE_TEST_SUITE_P(Durations, TypeValueTest,
                         ::testing::Values(Case{"1h30m", 5400, 5400, "s"}, Case{"1 h 05 min", 3900, 3900, "s"},
                                           Case{"-2d1.5s", -172801.5, {}, "s"}, Case{"1m30s", 90, 90, "s"},
                                           Case{"1s500ms", 1.5, {}, "s"}));

INSTANTIATE_TEST_SUITE_P(
    StaysText, TypeValueTest,
    ::testing::Values(Case{""}, Case{" "}, Case{"-"}, Case{"+"}, Case{"."}, Case{"1."}, Case{"e5"}, Case{"007"},
                      Case{"00"}, Case{"-01"}, Case{"00.5"}, Case{"0x1F"}, Case{"0xFF"}, Case{"nan"}, Case{"NaN"},
                      Case{"inf"}, Case{"-inf"}, Case{"Infinity"}, Case{"1e999"}, Case{"1e-999"}, Case{"1,000"},
                      Case{"1 000"}, Case{"9.3.1 20200408 (release)"}, Case{"8583f1da30b63154d6ba0bc187d86135dfe33cf9"},
                      Case{"000600000000383638393239510d0035002d"}, Case{"12ab"}, Case{"3a"}, Case{"1st"}, Case{"+-1"},
                      Case{"--1"}, Case{"1,2,3,4"}, Case{"69 M 1085"}, Case{"5 (none)"}, Case{"04.04.11"},
                      Case{"12:57:02"}, Case{"15/08/1994"}, Case{"30-JUN-1969"}, Case{"2021-04"}, Case{"2021-13-01"},
                      Case{"2021-02-30"}, Case{"2021-04-21T25:00:00Z"}, Case{"1066-10-14"}, Case{"2021-04-21 06"},
                      Case{"2021-04-21 06:30:58 today"}, Case{"1h30"}, Case{"1m1h"}, Case{"1h1h"}, Case{"1.5h30m"},
                      Case{"1h-5m"}, Case{"h30m"}, Case{"truely"}, Case{"y"}, Case{"rosbag v2.0"}));

INSTANTIATE_TEST_SUITE_P(Dates, TypeValueTest,
                         ::testing::Values(Case{.text = "2021-04-21T06:30:58Z", .date = "2021-04-21T06:30:58Z"},
                                           Case{.text = "2021-04-21", .date = "2021-04-21T00:00:00Z"},
                                           Case{.text = "2021-04-21 06:30", .date = "2021-04-21T06:30:00Z"},
                                           Case{.text = "2021-04-21 06:30:58", .date = "2021-04-21T06:30:58Z"},
                                           Case{.text = "2021-04-21T06:30:58.5", .date = "2021-04-21T06:30:58.500Z"},
                                           Case{.text = " 2021-04-21 06:30:58+02:00 ", .date = "2021-04-21T04:30:58Z"},
                                           Case{.text = "2021-04-21T06:30:58.123456789Z",
                                                .date = "2021-04-21T06:30:58.123456789Z"}));

INSTANTIATE_TEST_SUITE_P(Booleans, TypeValueTest,
                         ::testing::Values(Case{.text = "true", .boolean = true}, Case{.text = "YES", .boolean = true},
                                           Case{.text = "On", .boolean = true}, Case{.text = "false", .boolean = false},
                                           Case{.text = "no", .boolean = false},
                                           Case{.text = "OFF", .boolean = false}));

RC_GTEST_PROP(TypeValueProperty, EveryInt64IsExact, (int64_t integer)) {
  RC_ASSERT(TypeValue(std::to_string(integer)).integer == integer);
}

RC_GTEST_PROP(TypeValueProperty, KeepsTheTextAndNeverGivesAnInfiniteNumber, ()) {
  const auto text = *rc::gen::oneOf(testing::AnyMetadataText(), testing::AnyBytes());
  const auto value = TypeValue(text);
  RC_ASSERT(value.text == text);
  RC_ASSERT(!value.number || std::isfinite(*value.number));
  RC_ASSERT(value.number || (!value.integer && value.unit.empty()));
  RC_ASSERT(!(value.number && (value.date || value.boolean)));
}

RC_GTEST_PROP(TypeValueProperty, EveryTimestampIsADate, ()) {
  const auto time = *testing::AnyTimestamp();
  RC_ASSERT(TypeValue(FormatTimestamp(time)).date == time);
}

}  // namespace
}  // namespace seshat::metadata

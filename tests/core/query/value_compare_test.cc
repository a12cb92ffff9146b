#include "core/query/value_compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/metadata/units.h"

namespace seshat::query {
namespace {

bool Holds(const char* value, CompareOp op, const char* literal) {
  return Satisfies(metadata::TypeValue(value), op, metadata::TypeValue(literal));
}

TEST(SatisfiesTest, EqualByNumberDateOrText) {
  EXPECT_TRUE(Holds("PX4", CompareOp::kEqual, "px4"));
  EXPECT_TRUE(Holds("5", CompareOp::kEqual, "5.0"));
  EXPECT_TRUE(Holds("5 V", CompareOp::kEqual, "5"));
  EXPECT_FALSE(Holds("5 mV", CompareOp::kEqual, "5 V"));
  EXPECT_TRUE(Holds("2026-11-23T07:50:00+02:00", CompareOp::kEqual, "2026-11-23T05:50:00Z"));
  EXPECT_FALSE(Holds("007", CompareOp::kEqual, "7"));
  EXPECT_FALSE(Holds("9007199254740993", CompareOp::kEqual, "9007199254740992"));
  EXPECT_TRUE(Holds("x", CompareOp::kExactly, "x"));
  EXPECT_FALSE(Holds("X", CompareOp::kExactly, "x"));
}

TEST(SatisfiesTest, OrderingsLookAtNumbersAndDatesOnly) {
  EXPECT_TRUE(Holds("9007199254740993", CompareOp::kGreater, "9007199254740992"));
  EXPECT_TRUE(Holds("-1", CompareOp::kLess, "0.5"));
  EXPECT_FALSE(Holds("b", CompareOp::kGreater, "a"));
  EXPECT_FALSE(Holds("x", CompareOp::kGreater, "5"));
}

TEST(SatisfiesTest, ADayIsTheWholeDay) {
  EXPECT_TRUE(Holds("2026-11-23T23:59:59.999999999Z", CompareOp::kEqual, "2026-11-23"));
  EXPECT_TRUE(Holds("2026-11-23T12:00:00Z", CompareOp::kLessOrEqual, "2026-11-23"));
  EXPECT_FALSE(Holds("2026-11-23T12:00:00Z", CompareOp::kGreater, "2026-11-23"));
  EXPECT_TRUE(Holds("2026-11-24T00:00:00Z", CompareOp::kGreater, "2026-11-23"));
  EXPECT_FALSE(Holds("2026-11-22T23:59:59Z", CompareOp::kGreaterOrEqual, "2026-11-23"));
  EXPECT_TRUE(Holds("2026-11-23T05:50:59Z", CompareOp::kEqual, "2026-11-23T05:50"));
  EXPECT_TRUE(Holds("2261-12-31T23:59:59Z", CompareOp::kEqual, "2261-12-31"));
}

TEST(SatisfiesTest, UnitsOfAFamilyAreConverted) {
  EXPECT_TRUE(Holds("3300 mV", CompareOp::kEqual, "3.3 V"));
  EXPECT_TRUE(Holds("0.0033 kV", CompareOp::kEqual, "3.3V"));
  EXPECT_TRUE(Holds("500 mV", CompareOp::kLess, "1 V"));
  EXPECT_TRUE(Holds("25 °C", CompareOp::kEqual, "77 °F"));
  EXPECT_TRUE(Holds("298.15 K", CompareOp::kEqual, "25 degC"));
  EXPECT_TRUE(Holds("1h30m", CompareOp::kEqual, "5400 s"));
  EXPECT_TRUE(Holds("90 m", CompareOp::kEqual, "1.5 h"));
  EXPECT_TRUE(Holds("90 m", CompareOp::kEqual, "0.09 km"));
  EXPECT_TRUE(Holds("1 KiB", CompareOp::kGreater, "1 kB"));
  EXPECT_FALSE(Holds("5 V", CompareOp::kLess, "100 A"));
  EXPECT_FALSE(Holds("5 widgets", CompareOp::kEqual, "5 gadgets"));
  EXPECT_TRUE(Holds("4 widgets", CompareOp::kLess, "5 widgets"));
}

TEST(SatisfiesTest, ALiteralWithoutUnitComparesAsWritten) {
  EXPECT_TRUE(Holds("5 mV", CompareOp::kEqual, "5"));
  EXPECT_TRUE(Holds("6 mV", CompareOp::kGreater, "5"));
  EXPECT_TRUE(Holds("300 K", CompareOp::kGreater, "299"));
}

TEST(SatisfiesTest, AValueWithoutUnitIsInTheBaseUnit) {
  EXPECT_TRUE(Holds("5", CompareOp::kEqual, "5 V"));
  EXPECT_TRUE(Holds("0.005", CompareOp::kEqual, "5 mV"));
  EXPECT_FALSE(Holds("5", CompareOp::kEqual, "5 mV"));
  EXPECT_TRUE(Holds("900", CompareOp::kGreater, "10 min"));  // duration_s
  EXPECT_FALSE(Holds("300", CompareOp::kGreater, "10 min"));
  EXPECT_TRUE(Holds("250", CompareOp::kGreater, "0.2 kHz"));  // fs_hz
  EXPECT_TRUE(Holds("2500000", CompareOp::kGreater, "2MB"));  // data_bytes
  EXPECT_TRUE(Holds("25", CompareOp::kLess, "300 K"));
  EXPECT_TRUE(Holds("4", CompareOp::kLess, "5 widgets"));
  EXPECT_TRUE(Holds("9007199254740993", CompareOp::kGreater, "9007199254740992 B"));
}

TEST(IsWithinTest, BothBoundsLookAtOneReading) {
  const auto within = [](const char* value, const char* low, const char* high) {
    return IsWithin(metadata::TypeValue(value), Bound{metadata::TypeValue(low)}, Bound{metadata::TypeValue(high)});
  };
  EXPECT_TRUE(within("700 mV", "0.5 V", "1 V"));
  EXPECT_FALSE(within("7 m", "5 cm", "10 min"));  // metres, or minutes: not both at once
  EXPECT_TRUE(within("7 m", "5 cm", "10 m"));
  EXPECT_TRUE(within("7", "5 V", "8"));
  EXPECT_TRUE(within("7", "5000 mV", "8 V"));
  EXPECT_FALSE(within("7", "5 kV", "8 kV"));
}

constexpr const char* kUnits[] = {"V",  "mV", "kV", "s",   "ms", "min", "h",       "m", "km",
                                  "°C", "°F", "K",  "KiB", "MB", "bit", "widgets", ""};

MetadataValue AnyQuantity() {
  return metadata::TypeValue(fmt::format("{} {}", *rc::gen::inRange(-3000, 3000) / 16.0,
                                         kUnits[*rc::gen::inRange<size_t>(0, std::size(kUnits))]));
}

// At most one of <, =, > where two can be compared, and, unless just one of them has a unit, the same as seen from
// the other side.
RC_GTEST_PROP(SatisfiesProperty, OrderIsSymmetric, ()) {
  const auto a = AnyQuantity();
  const auto b = AnyQuantity();
  const int less = SatisfiesTyped(a, CompareOp::kLess, b) ? 1 : 0;
  const int equal = SatisfiesTyped(a, CompareOp::kEqual, b) ? 1 : 0;
  const int greater = SatisfiesTyped(a, CompareOp::kGreater, b) ? 1 : 0;
  RC_ASSERT(less + equal + greater <= 1);
  if (a.unit.empty() == b.unit.empty()) {
    RC_ASSERT(SatisfiesTyped(b, CompareOp::kGreater, a) == (less == 1));
    RC_ASSERT(SatisfiesTyped(b, CompareOp::kEqual, a) == (equal == 1));
  }
  RC_ASSERT(SatisfiesTyped(a, CompareOp::kLessOrEqual, b) == (less + equal > 0));
  RC_ASSERT(SatisfiesTyped(a, CompareOp::kGreaterOrEqual, b) == (greater + equal > 0));
  RC_ASSERT(SatisfiesTyped(a, CompareOp::kEqual, a));
}

}  // namespace
}  // namespace seshat::query

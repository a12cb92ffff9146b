#include "core/metadata/units.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

namespace seshat::metadata {
namespace {

std::string Readings(const char* text) {
  std::string out;
  for (const auto& reading : ReadingsOf(TypeValue(text)))
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", reading.family, reading.canonical);
  return out;
}

TEST(ReadingsTest, TellFamilyAndCanonicalNumber) {
  EXPECT_EQ(Readings("3300 mV"), "voltage=3.3");
  EXPECT_EQ(Readings("3.3 V"), "voltage=3.3");
  EXPECT_EQ(Readings("77 °F"), "temperature=25");
  EXPECT_EQ(Readings("273.16 K"), "temperature=0.01");
  EXPECT_EQ(Readings("25 C"), "temperature=25, charge=25");
  EXPECT_EQ(Readings("5 m"), "length=5, time=300");
  EXPECT_EQ(Readings("1h30m"), "time=5400");
  EXPECT_EQ(Readings("1.5 KiB"), "size=1536");
  EXPECT_EQ(Readings("1 GB"), "size=1000000000");
  EXPECT_EQ(Readings("36 km/h"), "speed=10");
  EXPECT_EQ(Readings("5 µm"), "length=5e-06");
  EXPECT_EQ(Readings("5 μm"), "length=5e-06");
  EXPECT_EQ(Readings("4.7 kΩ"), "resistance=4700");
  EXPECT_EQ(Readings("60 rpm"), "angular speed=360");
  EXPECT_EQ(Readings("12 %"), "ratio=0.12");
  EXPECT_EQ(Readings("7"), "=7");
  EXPECT_EQ(Readings("7 widgets"), "unit:widgets=7");
  EXPECT_EQ(Readings("seven"), "");
}

TEST(ReadingsTest, CanonicalNumbersAreFinite) {
  EXPECT_EQ(Readings("1e308 km"), fmt::format("length={}", std::numeric_limits<double>::max()));
  EXPECT_EQ(Readings("-1e308 km"), fmt::format("length={}", std::numeric_limits<double>::lowest()));
}

TEST(ConvertTest, IntoAnotherUnit) {
  const auto in = [](const char* text, const char* unit) { return ConvertNumber(TypeValue(text), unit); };
  EXPECT_EQ(in("1.5 V", "mV"), 1500);
  EXPECT_EQ(in("25 °C", "K"), 298.15);
  EXPECT_EQ(in("25 °C", "°F"), 77);
  EXPECT_EQ(in("90 m", "h"), 1.5);
  EXPECT_EQ(in("5", "V"), 5);
  EXPECT_EQ(in("5", "mV"), 5000);
  EXPECT_EQ(in("25", "K"), 298.15);
  EXPECT_EQ(in("5 widgets", "widgets"), 5);
  EXPECT_EQ(in("5 widgets", "V"), std::nullopt);
  EXPECT_EQ(in("5 A", "V"), std::nullopt);
  EXPECT_EQ(in("five", "V"), std::nullopt);
}

TEST(UnitSymbolTest, OnlySomeStandRightBehindDigits) {
  for (const char* symbol : {"°C", "kHz", "min", "MiB", "GB", "m", "%", "km/h", "µA"})
    EXPECT_TRUE(IsUnitSymbol(symbol)) << symbol;
  for (const char* symbol : {"t", "kb", "a", "ab", "widgets", ""}) EXPECT_FALSE(IsUnitSymbol(symbol)) << symbol;
  EXPECT_EQ(FamilyOf("mAh"), "charge");
  EXPECT_EQ(FamilyOf("widgets"), "");
}

// docs/formats/values.md: every unit is in the family that it is listed under, with the marks it has.
TEST(UnitTableTest, IsTheDocumentedOne) {
  std::ifstream file(SESHAT_SOURCE_DIR "/docs/formats/values.md");
  ASSERT_TRUE(file);
  int units = 0;
  std::string line;
  while (std::getline(file, line) && !line.starts_with("## Units")) {
  }
  while (std::getline(file, line)) {
    const auto bar = line.find(" | ");
    if (!line.starts_with("| ") || bar == std::string::npos) continue;
    const auto family = line.substr(2, line.find_first_of("|(", 2) - 3);
    for (size_t at = line.find('`', bar); at != std::string::npos; at = line.find('`', at)) {
      const auto end = line.find('`', at + 1);
      const auto unit = line.substr(at + 1, end - at - 1);
      at = end + 1;
      ++units;
      const auto has = [&](const std::string& symbol) {
        MetadataValue value;
        value.number = 1;
        value.unit = symbol;
        return std::ranges::any_of(ReadingsOf(value), [&](const auto& r) { return r.family == family; });
      };
      EXPECT_TRUE(has(unit)) << unit << " in " << family;
      EXPECT_EQ(IsUnitSymbol(unit), !line.substr(at).starts_with("○")) << unit;
      EXPECT_TRUE(!line.substr(at).starts_with("●") || has("k" + unit)) << unit;
    }
  }
  EXPECT_GT(units, 190);
}

// Orderings never turn around on the way to canonical numbers.
RC_GTEST_PROP(ReadingsProperty, AreMonotone, ()) {
  const auto unit = *rc::gen::element<std::string>("mV", "°F", "K", "KiB", "min", "km/h", "nm");
  const double a = *rc::gen::arbitrary<double>();
  const double b = *rc::gen::oneOf(rc::gen::just(std::nextafter(a, 1e300)), rc::gen::arbitrary<double>());
  RC_PRE(std::isfinite(a) && std::isfinite(b));
  MetadataValue low, high;
  low.number = std::min(a, b);
  high.number = std::max(a, b);
  low.unit = high.unit = unit;
  RC_ASSERT(ReadingsOf(low)[0].canonical <= ReadingsOf(high)[0].canonical);
}

}  // namespace
}  // namespace seshat::metadata

#include "services/catalog/highlight_pieces.h"

#include <gtest/gtest.h>

#include <string>

namespace seshat::catalog {
namespace {

std::string Pieces(const std::string& value, std::vector<Highlight::Span> spans, size_t most) {
  std::string text;
  for (const auto& piece : PiecesOf({FieldKind::kMetadata, "f", value, std::move(spans)}, most))
    text += piece.hit ? "[" + piece.text + "]" : piece.text;
  return text;
}

TEST(PiecesOfTest, CutAroundTheFirstHit) {
  EXPECT_EQ(Pieces("left motor", {{5, 10}}, 100), "left [motor]");
  EXPECT_EQ(Pieces("motor a motor", {{0, 5}, {8, 13}}, 100), "[motor] a [motor]");
  EXPECT_EQ(Pieces(std::string(20, 'x') + " motor " + std::string(20, 'y'), {{21, 26}}, 16), "…xxx [motor] yyyyyy…");
  EXPECT_EQ(Pieces(std::string(50, 'x'), {{0, 50}}, 10), "[xxxxxxxxxx]…");
  EXPECT_EQ(Pieces("a motor, and far away a motor", {{2, 7}, {24, 29}}, 12), "a [motor], and…");
}

TEST(PiecesOfTest, NeverCutLetters) {
  const std::string umlauts = "üüüüüüüüüü motor üüüüüüüüüü";
  for (size_t most = 1; most < umlauts.size() + 2; ++most) {
    std::string all;
    for (const auto& piece : PiecesOf({FieldKind::kMetadata, "f", umlauts, {{21, 26}}}, most)) {
      EXPECT_NE(static_cast<unsigned char>(piece.text.front()) & 0xC0, 0x80) << most;
      if (piece.text != "…") all += piece.text;
    }
    EXPECT_NE(umlauts.find(all), std::string::npos) << all;
  }
}

}  // namespace
}  // namespace seshat::catalog

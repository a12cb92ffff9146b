// What all conformance suites share: a suite is a table of named cases, plain functions over a harness; the
// harness makes and re-opens one adapter. It also proves that a suite is worth something: every case must
// fail on at least one deliberately broken adapter.
//
//   void ReadsBackWhatWasPut(BlobStoreHarness& h) { … EXPECT_… }
//   constexpr conformance::Case<BlobStoreHarness> kCases[] = {{"ReadsBackWhatWasPut", ReadsBackWhatWasPut}, …};
//   RegisterSuite<BlobStoreHarness>("BlobStore", "file", kCases, [] { return std::make_unique<FileHarness>(); });
//
// Rules for a case. It gets a fresh harness. It ends in bounded time whatever the adapter does (wait with a
// deadline). After a failed ASSERT in a helper it goes by the helper's return value, not by
// HasFatalFailure(), which sees nothing while the broken adapters are tried. What an adapter says it cannot
// do, the case checks to be refused; GTEST_SKIP() is only for what a harness cannot stage (a crash, say), and
// is counted and printed.
//
// Register from main, between testing::InitGoogleTest and RUN_ALL_TESTS. Not thread-safe.
#pragma once

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seshat::conformance {

template <typename Harness>
struct Case {
  const char* name;  // CamelCase
  void (*run)(Harness&);
};

template <typename Harness>
using Factory = std::function<std::unique_ptr<Harness>()>;

// A wrong adapter and the cases that must find it out.
template <typename Harness>
struct BrokenAdapter {
  const char* name;
  Factory<Harness> factory;
  std::vector<std::string_view> found_by;
};

// A case that what stands behind an adapter (an engine that imitates a service) gets wrong, and how.
struct Deviation {
  std::string_view name;
  const char* why;
};

// Counts for the line that a run ends with: "BlobStore suite: 2 adapters × 41 cases (…)".
void NoteCase(const std::string& port, const std::string& adapter, bool skipped);
// Prints that line for every port after the last test. Repeating does nothing.
void PrintTallyAtEnd();

template <typename Harness>
class CaseTest : public ::testing::Test {
 public:
  CaseTest(std::string port, std::string adapter, Case<Harness> which, Factory<Harness> factory)
      : port_(std::move(port)), adapter_(std::move(adapter)), case_(which), factory_(std::move(factory)) {}

  void TestBody() override {
    const std::unique_ptr<Harness> harness = factory_();
    ASSERT_NE(harness, nullptr);
    case_.run(*harness);
    NoteCase(port_, adapter_, IsSkipped());
  }

 private:
  std::string port_;
  std::string adapter_;
  Case<Harness> case_;
  Factory<Harness> factory_;
};

// Runs a case out of sight and answers whether it failed, or threw.
template <typename Harness>
bool FailsOn(const Case<Harness>& which, const Factory<Harness>& factory) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter hide(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    try {
      const std::unique_ptr<Harness> harness = factory();
      which.run(*harness);
    } catch (const std::exception&) {  // .value() of an error: gtest counts it as a failure too
      return true;
    }
  }
  for (int i = 0; i < results.size(); ++i)
    if (results.GetTestPartResult(i).failed()) return true;
  return false;
}

// Shows that the deviation is still there; counted as skipped.
template <typename Harness>
class DeviationTest : public ::testing::Test {
 public:
  DeviationTest(std::string port, std::string adapter, Case<Harness> which, const char* why, Factory<Harness> factory)
      : port_(std::move(port)), adapter_(std::move(adapter)), case_(which), why_(why), factory_(std::move(factory)) {}

  void TestBody() override {
    ASSERT_TRUE(FailsOn(case_, factory_)) << "passes by now: it is no deviation any more (" << why_ << ")";
    NoteCase(port_, adapter_, true);
    GTEST_SKIP() << "as expected it fails: " << why_;
  }

 private:
  std::string port_;
  std::string adapter_;
  Case<Harness> case_;
  const char* why_;
  Factory<Harness> factory_;
};

// One test for each case: "<port>/<adapter>.<case>".
template <typename Harness>
void RegisterSuite(const std::string& port, const std::string& adapter, std::span<const Case<Harness>> cases,
                   Factory<Harness> factory, const std::vector<Deviation>& deviations = {}) {
  PrintTallyAtEnd();
  const std::string suite = port + "/" + adapter;
  for (const Case<Harness>& c : cases) {
    const auto deviation = std::ranges::find(deviations, std::string_view(c.name), &Deviation::name);
    const char* why = deviation == deviations.end() ? nullptr : deviation->why;
    ::testing::RegisterTest(suite.c_str(), c.name, nullptr, nullptr, __FILE__, __LINE__, [=]() -> ::testing::Test* {
      if (why != nullptr) return new DeviationTest<Harness>(port, adapter, c, why, factory);
      return new CaseTest<Harness>(port, adapter, c, factory);
    });
  }
}

template <typename Harness>
class BrokenTest : public ::testing::Test {
 public:
  BrokenTest(std::vector<Case<Harness>> cases, BrokenAdapter<Harness> broken)
      : cases_(std::move(cases)), broken_(std::move(broken)) {}

  void TestBody() override {
    EXPECT_FALSE(broken_.found_by.empty()) << broken_.name << " must name the cases that find it out";
    for (const std::string_view name : broken_.found_by) {
      const auto found = std::ranges::find(cases_, name, [](const auto& c) { return std::string_view(c.name); });
      ASSERT_NE(found, cases_.end()) << "no case is called " << name;
      EXPECT_TRUE(FailsOn(*found, broken_.factory)) << name << " does not notice " << broken_.name;
    }
  }

 private:
  std::vector<Case<Harness>> cases_;
  BrokenAdapter<Harness> broken_;
};

template <typename Harness>
class EveryCaseTest : public ::testing::Test {
 public:
  EveryCaseTest(std::vector<Case<Harness>> cases, std::vector<BrokenAdapter<Harness>> broken)
      : cases_(std::move(cases)), broken_(std::move(broken)) {}

  void TestBody() override {
    for (const auto& c : cases_) {
      const bool named = std::ranges::any_of(broken_, [&](const auto& b) {
        return std::ranges::find(b.found_by, std::string_view(c.name)) != b.found_by.end();
      });
      EXPECT_TRUE(named) << "no broken adapter makes " << c.name << " fail: is the case worth anything?";
    }
  }

 private:
  std::vector<Case<Harness>> cases_;
  std::vector<BrokenAdapter<Harness>> broken_;
};

// One test for each broken adapter ("<port>/broken.<name>"), and one that every case is named by one of them.
template <typename Harness>
void RegisterBrokenAdapters(const std::string& port, std::span<const Case<Harness>> cases,
                            std::vector<BrokenAdapter<Harness>> broken) {
  const std::vector<Case<Harness>> all(cases.begin(), cases.end());
  const std::string suite = port + "/broken";
  for (const BrokenAdapter<Harness>& b : broken) {
    ::testing::RegisterTest(suite.c_str(), b.name, nullptr, nullptr, __FILE__, __LINE__,
                            [=]() -> BrokenTest<Harness>* { return new BrokenTest<Harness>(all, b); });
  }
  ::testing::RegisterTest((port + "/suite").c_str(), "EveryCaseFailsOnABrokenAdapter", nullptr, nullptr, __FILE__,
                          __LINE__,
                          [=]() -> EveryCaseTest<Harness>* { return new EveryCaseTest<Harness>(all, broken); });
}

}  // namespace seshat::conformance

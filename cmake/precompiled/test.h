// As library.h, for tests.
#pragma once

#include "library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

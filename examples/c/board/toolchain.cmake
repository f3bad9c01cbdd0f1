# Arm MPS2 with a Cortex-M4F, emulated by QEMU; the C library prints by semihosting.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(RUST_TARGET thumbv7em-none-eabihf)
set(BOARD ${CMAKE_CURRENT_LIST_DIR})
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--specs=rdimon.specs -nostartfiles -T${BOARD}/mps2.ld")
set(CMAKE_CROSSCOMPILING_EMULATOR
    "qemu-system-arm;-machine;mps2-an386;-nographic;-semihosting-config;enable=on,target=native;-kernel")
